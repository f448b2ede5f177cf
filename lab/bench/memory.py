#!/usr/bin/env python3
"""What the memory of a JVM is made of, right after a collection; used by memory.sh.

memory.py PID: "ANONYMOUS OUTSIDE LIVE" in KiB: anonymous memory, what of it is not Java heap, and the
live heap. The heap's pages stay with the process when what was on them is gone, so the first alone
says more than what is in use.
"""

import re
import subprocess
import sys

RANGE = re.compile(r"used (\d+)K.*\[0x([0-9a-f]+), 0x[0-9a-f]+, 0x([0-9a-f]+)\)")
MAPPING = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) ")


def jcmd(pid, command):
    return subprocess.run(["jcmd", pid, command], check=True, capture_output=True, text=True).stdout


def main(pid):
    jcmd(pid, "GC.run")
    # The generations, "DefNew total 22144K, used 13497K [start, committed, end)"; not their spaces.
    generations = [RANGE.search(line) for line in jcmd(pid, "GC.heap_info").splitlines()
                   if " total " in line and RANGE.search(line)]
    live = sum(int(g.group(1)) for g in generations)
    low = min(int(g.group(2), 16) for g in generations)
    high = max(int(g.group(3), 16) for g in generations)
    anonymous, heap, inside = 0, 0, False
    for line in open(f"/proc/{pid}/smaps", encoding="ascii", errors="replace"):
        mapping = MAPPING.match(line)
        if mapping:
            inside = low <= int(mapping.group(1), 16) < high
        elif line.startswith("Anonymous:"):
            size = int(line.split()[1])
            anonymous += size
            heap += size if inside else 0
    print(anonymous, anonymous - heap, live)


if __name__ == "__main__":
    main(sys.argv[1])
