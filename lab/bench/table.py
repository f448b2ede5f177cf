#!/usr/bin/env python3
"""Prints medians of `sluice bench live --json` reports.

table.py DIRECTORY [OURS [viewer]]: reports are named SERVER-VIEWERS-PAIR.json. With OURS, the name of
a server, its CPU per GB (with "viewer": per viewer) is also given as a share of each other server's:
the median over pairs, with the lowest and highest. "full rate": every viewer had the usual rate, but for the 4 % (in short
windows: 0.9 s) by which batches and keyframes may fall on either side of the window's ends, and those
that were sampled lost no frame.

table.py --sum TO FROM...: one report of several clients that played at the same time: what they saw
together, the latest of their latencies.

table.py --interval FILE: the pause between two reads of a viewer in this report, in whole ms.
"""

import collections
import json
import pathlib
import statistics
import sys

EDGES = 0.9  # seconds of media by which batches of 350 ms and a keyframe may miss the window

COLUMNS = [
    ("CPU s/GB", lambda r: r["server"]["cpuSecondsPerGb"], "{:.2f}"),
    ("us/viewer-s", lambda r: r["server"]["microsPerViewerSecond"], "{:.0f}"),
    ("core %", lambda r: r["server"]["corePercent"], "{:.0f}"),
    ("reads/s", lambda r: r["readsPerViewerSecond"], "{:.1f}"),
    ("latency p50", lambda r: r["latencyMs"]["p50"], "{:.0f} ms"),
    ("p99", lambda r: r["latencyMs"]["p99"], "{:.0f} ms"),
    ("start p50", lambda r: r["startupMs"]["p50"], "{:.0f} ms"),
    ("p99", lambda r: r["startupMs"]["p99"], "{:.0f} ms"),
    ("kbit/s p50", lambda r: r["kbitPerSecond"]["p50"], "{:.0f}"),
    ("min", lambda r: r["kbitPerSecond"]["min"], "{:.0f}"),
    ("stalls", lambda r: r["stalls"], "{:.0f}"),
    ("anon MB", lambda r: r["server"]["anonEndMb"], "{:.0f}"),
    ("RSS MB", lambda r: r["server"]["rssEndMb"], "{:.0f}"),
    ("wait s", lambda r: r["server"]["runQueueWaitSeconds"], "{:.2f}"),
    ("client %", lambda r: r["client"]["corePercent"], "{:.0f}"),
]


def full_rate(report):
    """Whether every viewer asked for played to the end at the usual rate, and none lost a frame."""
    rate = report["kbitPerSecond"]
    whole = report["playing"] - report["died"] == report["viewers"]
    least = 1 - max(0.04, EDGES / report["windowSeconds"])
    return whole and rate["min"] >= least * rate["p50"] and report["sampled"]["framesLost"] == 0


def add(reports):
    """One report of clients that shared a server."""
    total = dict(reports[0])
    for key in ("viewers", "playing", "died", "bytes", "stalls", "stalledViewers"):
        total[key] = sum(r[key] for r in reports)
    playing = max(1, total["playing"])
    total["failures"] = collections.Counter()
    for r in reports:
        total["failures"].update(r["failures"])
    rates = [r["kbitPerSecond"] for r in reports]
    total["kbitPerSecond"] = {
        "min": min(rate["min"] for rate in rates),
        "p50": statistics.median(rate["p50"] for rate in rates),
        "max": max(rate["max"] for rate in rates),
    }
    for key in ("startupMs", "readGapMs", "frameGapMs", "latencyMs"):
        total[key] = {q: max(r[key][q] for r in reports) for q in ("p50", "p99", "max")}
    reads = sum(r["readsPerViewerSecond"] * r["playing"] for r in reports)
    total["readsPerViewerSecond"] = reads / playing
    total["sampled"] = {k: sum(r["sampled"][k] for r in reports) for k in reports[0]["sampled"]}
    server = dict(reports[0]["server"])
    server["cpuSeconds"] = statistics.mean(r["server"]["cpuSeconds"] for r in reports)
    server["cpuSecondsPerGb"] = server["cpuSeconds"] / max(1e-9, total["bytes"] / 1e9)
    server["microsPerViewerSecond"] = (
        server["cpuSeconds"] * 1e6 / total["windowSeconds"] / playing
    )
    total["server"] = server
    total["client"] = {"corePercent": sum(r["client"]["corePercent"] for r in reports)}
    total["warnings"] = sorted({warning for r in reports for warning in r["warnings"]})
    return total


def print_table(runs):
    rows = [["viewers", "server", "playing", "full rate"] + [name for name, _, _ in COLUMNS]]
    for (viewers, server), pairs in sorted(runs.items()):
        playing = min(report["playing"] - report["died"] for report in pairs.values())
        full = sum(full_rate(report) for report in pairs.values())
        values = [
            form.format(statistics.median(get(report) for report in pairs.values()))
            for _, get, form in COLUMNS
        ]
        of_all = "yes" if full == len(pairs) else f"{full} of {len(pairs)}"
        rows.append([str(viewers), server, str(playing), of_all] + values)
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths)))


def print_ratios(runs, ours, by):
    name, cost = ("viewer", COLUMNS[1][1]) if by == "viewer" else ("GB", COLUMNS[0][1])
    for (viewers, server), pairs in sorted(runs.items()):
        own = runs.get((viewers, ours), {})
        ratios = [cost(own[p]) / cost(pairs[p]) for p in pairs if p in own]
        if server != ours and ratios:
            print(
                f"{viewers} viewers: {ours} / {server} CPU per {name} = "
                f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}, "
                f"{len(ratios)} pairs)"
            )


def main(directory, ours=None, by="GB"):
    runs = {}
    for path in sorted(pathlib.Path(directory).glob("*.json")):
        server, viewers, pair = path.stem.rsplit("-", 2)
        runs.setdefault((int(viewers), server), {})[pair] = json.loads(path.read_text())
    if not runs:
        sys.exit(f"table.py: no reports in {directory}")
    print_table(runs)
    print_ratios(runs, ours, by)
    for key, pairs in sorted(runs.items()):
        for pair, report in sorted(pairs.items()):
            for reason, count in report["failures"].items():
                print(f"failed: {key[1]}, {key[0]} viewers, pair {pair}: {count} {reason}")
            for warning in report["warnings"]:
                print(f"warning: {key[1]}, {key[0]} viewers, pair {pair}: {warning}")


if __name__ == "__main__":
    if sys.argv[1] == "--interval":
        reads = json.loads(pathlib.Path(sys.argv[2]).read_text())["readsPerViewerSecond"]
        print(round(1000 / reads))
    elif sys.argv[1] == "--sum":
        parts = [json.loads(pathlib.Path(name).read_text()) for name in sys.argv[3:]]
        pathlib.Path(sys.argv[2]).write_text(json.dumps(add(parts)))
    else:
        main(*sys.argv[1:4])
