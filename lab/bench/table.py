#!/usr/bin/env python3
"""Prints medians of `sluice bench live --json` reports: table.py DIRECTORY [BASE].

Reports are named SERVER-VIEWERS-PAIR.json. With BASE, the name of a server, each other server's
CPU per GB is also given as a share of BASE's: the median over pairs, with the lowest and highest.
"""

import json
import pathlib
import statistics
import sys

COLUMNS = [
    ("CPU s/GB", lambda r: r["server"]["cpuSecondsPerGb"], "{:.2f}"),
    ("us/viewer-s", lambda r: r["server"]["microsPerViewerSecond"], "{:.0f}"),
    ("core %", lambda r: r["server"]["corePercent"], "{:.0f}"),
    ("reads/s", lambda r: r["readsPerViewerSecond"], "{:.1f}"),
    ("latency p50", lambda r: r["latencyMs"]["p50"], "{:.0f} ms"),
    ("p99", lambda r: r["latencyMs"]["p99"], "{:.0f} ms"),
    ("start p50", lambda r: r["startupMs"]["p50"], "{:.0f} ms"),
    ("kbit/s min", lambda r: r["kbitPerSecond"]["min"], "{:.0f}"),
    ("stalls", lambda r: r["stalls"], "{:.0f}"),
    ("anon MB", lambda r: r["server"]["anonEndMb"], "{:.0f}"),
    ("RSS MB", lambda r: r["server"]["rssEndMb"], "{:.0f}"),
    ("wait s", lambda r: r["server"]["runQueueWaitSeconds"], "{:.2f}"),
    ("client %", lambda r: r["client"]["corePercent"], "{:.0f}"),
]


def main(directory, base=None):
    runs = {}
    for path in sorted(pathlib.Path(directory).glob("*.json")):
        server, viewers, pair = path.stem.rsplit("-", 2)
        runs.setdefault((int(viewers), server), {})[pair] = json.loads(path.read_text())
    if not runs:
        sys.exit(f"table.py: no reports in {directory}")

    rows = [["viewers", "server", "playing"] + [name for name, _, _ in COLUMNS]]
    for (viewers, server), pairs in sorted(runs.items()):
        playing = min(report["playing"] - report["died"] for report in pairs.values())
        values = [
            form.format(statistics.median(get(report) for report in pairs.values()))
            for _, get, form in COLUMNS
        ]
        rows.append([str(viewers), server, str(playing)] + values)
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths)))

    per_gb = COLUMNS[0][1]
    for (viewers, server), pairs in sorted(runs.items()):
        peers = runs.get((viewers, base), {})
        ratios = [per_gb(pairs[p]) / per_gb(peers[p]) for p in pairs if p in peers]
        if server != base and ratios:
            print(
                f"{viewers} viewers: {server} / {base} CPU per GB = "
                f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}, "
                f"{len(ratios)} pairs)"
            )
    for key, pairs in sorted(runs.items()):
        for pair, report in sorted(pairs.items()):
            for warning in report["warnings"]:
                print(f"warning: {key[1]}, {key[0]} viewers, pair {pair}: {warning}")


if __name__ == "__main__":
    main(*sys.argv[1:3])
