#!/usr/bin/env python3
"""The table of hls-compare.sh: hlstable.py DIR, where SERVER-WAY-ROUND.json are reports of bench hls.

Medians of the rounds; the ratio is the median of the rounds' ratios, with the lowest and the highest.
A run in which somebody did not play to the end, or the server waited for its core, is marked.
"""

import json
import statistics
import sys
from pathlib import Path

WAIT = 0.1  # of the window


def load(directory):
    runs = {}
    for file in sorted(Path(directory).glob("*.json")):
        server, way, pair = file.stem.split("-")
        runs.setdefault(way, {}).setdefault(server, {})[int(pair)] = json.loads(file.read_text())
    return runs


def cost(run):
    return run["server"]["microsPerViewerSecond"]


def marks(run):
    bad = []
    if run["failures"] or run["playing"] < run["viewers"] or set(run["statuses"]) != {"200"}:
        bad.append("not all")
    if run["stalls"]:
        bad.append(f"{run['stalls']} stalls")
    if run["server"]["runQueueWaitSeconds"] > WAIT * run["windowSeconds"]:
        bad.append(f"waited {run['server']['runQueueWaitSeconds']:.1f} s")
    if run["warnings"]:
        bad.append("client busy")
    return ", ".join(bad)


def median(runs, value):
    return statistics.median(value(run) for run in runs.values())


def main(directory):
    print("| way | viewers | server | CPU µs per viewer-second | core | requests per viewer-second "
          "| µs per request | kbit/s | delay p50 / p99 ms | client core | |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    ratios = []
    for way, servers in load(directory).items():
        for server, runs in servers.items():
            noted = "; ".join(sorted({marks(run) for run in runs.values()} - {""}))
            delay = [median(runs, lambda run, p=p: run["delayMs"][p]) for p in ("p50", "p99")]
            each = median(runs, cost)
            rate = median(runs, lambda run: run["requestsPerViewerSecond"])
            print(f"| {way} | {next(iter(runs.values()))['viewers']} | {server} | {each:.1f} "
                  f"| {median(runs, lambda run: run['server']['corePercent']):.0f} % | {rate:.2f} "
                  f"| {each / rate:.1f} | {median(runs, lambda run: run['kbitPerSecond']['p50']):.0f} "
                  f"| {delay[0]:.0f} / {delay[1]:.0f} "
                  f"| {median(runs, lambda run: run['client']['corePercent']):.0f} % | {noted} |")
        ours, theirs = servers.get("sluice", {}), servers.get("nginx", {})
        pairs = [cost(ours[pair]) / cost(theirs[pair]) for pair in ours if pair in theirs]
        if pairs:
            ratios.append(f"{way}: {statistics.median(pairs):.2f} of nginx "
                          f"({min(pairs):.2f} to {max(pairs):.2f})")
    print()
    print("\n".join(ratios))


if __name__ == "__main__":
    main(sys.argv[1])
