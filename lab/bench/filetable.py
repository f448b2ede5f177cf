#!/usr/bin/env python3
"""Prints medians of file-compare.sh's lines, and Sluice's CPU per GB as a share of nginx's.

A line: SERVER MODE PAIR CPU-BEFORE CPU-AFTER WRK-USER WRK-SYSTEM BYTES REQUESTS DURATION-US
P50-US P99-US ERRORS.
"""

import collections
import statistics
import sys

Run = collections.namedtuple("Run", "cpu both gbs rate micros p50 p99 errors")


def parse(fields):
    before, after, user, system, size, requests, duration, p50, p99, errors = map(float, fields)
    gigabytes, seconds, cpu = size / 1e9, duration / 1e6, after - before
    return Run(
        cpu / gigabytes,
        (cpu + user + system) / gigabytes,
        gigabytes / seconds,
        requests / seconds,
        cpu * 1e6 / max(1, requests),
        p50 / 1e3,
        p99 / 1e3,
        errors,
    )


def main(path):
    runs = collections.defaultdict(dict)
    for line in open(path, encoding="ascii"):
        server, mode, pair, *fields = line.split()
        if server != "warm":
            runs[mode, server][pair] = parse(fields)

    header = ("mode", "server", "CPU s/GB", "with wrk", "GB/s", "req/s", "us/req", "p50 ms",
              "p99 ms", "errors")
    print("{:>6} {:>7} {:>9} {:>9} {:>6} {:>8} {:>8} {:>8} {:>8} {:>6}".format(*header))
    for (mode, server), pairs in runs.items():
        m = Run(*(statistics.median(values) for values in zip(*pairs.values())))
        each = f"{m.rate:8.0f} {m.micros:8.1f} {m.p50:8.1f} {m.p99:8.1f}"
        if m.rate < 10:  # hardly a request ends in the window
            each = "{:>8} {:>8} {:>8} {:>8}".format(*"----")
        print(
            f"{mode:>6} {server:>7} {m.cpu:9.3f} {m.both:9.3f} {m.gbs:6.2f} {each} {m.errors:6.0f}"
        )
    for mode in dict.fromkeys(mode for mode, _ in runs):
        pairs = runs[mode, "sluice"]
        ratios = [pairs[p].cpu / runs[mode, "nginx"][p].cpu for p in pairs]
        print(
            f"{mode}: sluice / nginx CPU per GB = {statistics.median(ratios):.2f}"
            f" ({min(ratios):.2f} to {max(ratios):.2f}, {len(ratios)} pairs)"
        )


if __name__ == "__main__":
    main(sys.argv[1])
