#!/usr/bin/env python3
"""Watches a soak and judges it; started by soak.sh, which says what is judged.

soak.py DIRECTORY SECONDS EDGE-PID EDGE-PORT ORIGIN-PID ORIGIN-PORT COLLECT VIEWERS-PID...
DIRECTORY holds edge.log, origin.log and the reports steady.log and restless.log of `bench churn`;
samples.jsonl is written there.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import time
import urllib.request

PERIOD = 10
GROWTH = 1.10
SLACK_MB = 4  # of a live heap of some ten: a tenth of that is less than one sample's noise
SETTLE_LIMIT = 150  # relays linger for 30 s and hold for 15 s; viewers are gone before

METRIC = re.compile(r"^(\w+)(\{.*\})? ([-\d.eE+]+)$")


class Server:
    def __init__(self, name, pid, port):
        self.name, self.pid, self.port = name, int(pid), int(port)

    def metrics(self):
        text = self.scrape()
        sums = {}
        for line in text.splitlines():
            match = METRIC.match(line)
            if match:
                name, tags, value = match.groups()
                if name == "jvm_memory_used_bytes" and 'area="heap"' not in (tags or ""):
                    continue
                if name == "jvm_buffer_memory_used_bytes" and 'id="direct"' not in (tags or ""):
                    continue
                sums[name] = sums.get(name, 0) + float(value)
        return sums

    def scrape(self):
        url = f"http://127.0.0.1:{self.port}/metrics"
        for _ in range(3):  # a busy machine is no reason to give up an hour's run
            try:
                return urllib.request.urlopen(url, timeout=20).read().decode()
            except OSError as e:
                print(f"{self.name}: no metrics: {e}", flush=True)
        sys.exit(f"{self.name} does not answer")

    def anonymous_mb(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+)", status).group(1)) / 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def collect(self):
        subprocess.run(["jcmd", str(self.pid), "GC.run"], check=True, stdout=subprocess.DEVNULL)

    def sample(self, collected):
        metrics = self.metrics()
        return {
            "anonMb": round(self.anonymous_mb(), 1),
            "directMb": round(metrics.get("jvm_buffer_memory_used_bytes", 0) / 2**20, 1),
            "heapMb": round(metrics.get("jvm_memory_used_bytes", 0) / 2**20, 1),
            "collected": collected,
            "descriptors": self.descriptors(),
            "cpu": self.cpu_seconds(),
            "relays": int(metrics.get("sluice_relay_streams", 0)),
            "streams": int(metrics.get("sluice_live_streams", 0)),
            "viewers": int(metrics.get("sluice_live_viewers", 0)),
            "publishers": int(metrics.get("sluice_live_publishers", 0)),
            "mediaMb": round(metrics.get("sluice_live_media_bytes", 0) / 2**20, 1),
            "dropped": int(metrics.get("sluice_live_dropped_frames_total", 0)),
        }

    def leaks(self, directory):
        log = (directory / f"{self.name}.log").read_text(errors="replace")
        return log.count("LEAK")


def running(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0]
    except OSError:
        return False
    return state != "Z"


def last_report(path):
    """The last whole line of a churn report; an interval's, or at the end that of all."""
    lines = [line for line in path.read_text().splitlines() if line.startswith("{")]
    return json.loads(lines[-1]) if lines else None


def line(second, sample, collected):
    edge, origin = sample["edge"], sample["origin"]
    print(
        f"{second:5.0f} s  edge: {edge['viewers']:5d} viewers {edge['relays']:2d} relays "
        f"{edge['descriptors']:5d} fds  anon {edge['anonMb']:6.1f}  direct {edge['directMb']:5.1f} "
        f"{'live' if collected else 'heap'} {edge['heapMb']:5.1f} MB  "
        f"origin: {origin['publishers']:2d} publishers {origin['descriptors']:4d} fds "
        f"anon {origin['anonMb']:6.1f}  direct {origin['directMb']:5.1f} "
        f"{'live' if collected else 'heap'} {origin['heapMb']:5.1f} MB",
        flush=True,
    )


def judge_memory(samples, seconds, faults):
    """After the first sixth nothing grows: the last third against the third before it."""
    settled = [s for s in samples if seconds / 6 <= s["second"] <= seconds]
    if len(settled) < 4:
        faults.append("too few samples to judge memory by")
        return
    half = len(settled) // 2
    for name in ("edge", "origin"):
        early = max(s[name]["anonMb"] for s in settled[:half])
        late = max(s[name]["anonMb"] for s in settled[half:])
        first = settled[0][name]["anonMb"]
        print(f"{name}: anonymous memory {first:.1f} MB after a sixth of the time, at most "
              f"{early:.1f} in the first half of the rest, {late:.1f} in the second")
        if late > early * GROWTH:
            faults.append(f"{name}: anonymous memory grew from {early:.1f} to {late:.1f} MB")
        live = [s[name]["heapMb"] for s in settled if s[name]["collected"]]
        if len(live) >= 2:
            print(f"{name}: live heap after collections: {', '.join(f'{v:.1f}' for v in live)} MB")
            if live[-1] > max(live[0] * GROWTH, live[0] + SLACK_MB):
                faults.append(f"{name}: live heap grew from {live[0]:.1f} to {live[-1]:.1f} MB")


def judge_viewers(directory, faults):
    for name in ("steady", "restless"):
        report = last_report(directory / f"{name}.log")
        if report is None:
            faults.append(f"{name} streams: no report")
            continue
        start = report["startupMs"]
        print(f"{name} streams: {report['joined']} joined, {report['left']} played to their end, "
              f"start-up p50 {start['p50']:.0f} p99 {start['p99']:.0f} max {start['max']:.0f} ms, "
              f"sampled frames lost {report['framesLost']}, timestamps backward "
              f"{report['timestampsBackward']}, without audio or video "
              f"{report['withoutAudioOrVideo']}, failures {report['failures'] or 'none'}")
        if report["timestampsBackward"]:
            faults.append(f"{name} streams: {report['timestampsBackward']} timestamps ran back")
        if name == "steady":
            for what in ("failures", "framesLost", "withoutAudioOrVideo"):
                if report[what]:
                    faults.append(f"steady streams: {what} {report[what]}")


def main(directory, seconds, edge_pid, edge_port, origin_pid, origin_port, every, *churns):
    directory, seconds = pathlib.Path(directory), float(seconds)
    servers = [Server("edge", edge_pid, edge_port), Server("origin", origin_pid, origin_port)]
    edge, origin = servers
    before = {s.name: s.descriptors() for s in servers}
    samples, start, collected_at = [], time.monotonic(), 0.0

    def take(collect):
        if collect:
            for server in servers:
                server.collect()
        sample = {s.name: s.sample(collect) for s in servers}
        sample["second"] = time.monotonic() - start
        samples.append(sample)
        with open(directory / "samples.jsonl", "a", encoding="ascii") as out:
            out.write(json.dumps(sample) + "\n")
        line(sample["second"], sample, collect)

    every = min(float(every), seconds / 6)
    while any(running(pid) for pid in churns):
        time.sleep(PERIOD)
        now = time.monotonic() - start
        collect = 0 < every <= now - collected_at
        if collect:
            collected_at = now
        take(collect)

    faults = []
    print("all have left; waiting for the relays to go")
    deadline = time.monotonic() + SETTLE_LIMIT
    while time.monotonic() < deadline:
        time.sleep(PERIOD)
        take(False)
        last = samples[-1]["edge"]
        if last["relays"] == last["viewers"] == last["streams"] == 0:
            break
    take(True)
    last = samples[-1]["edge"]
    for what in ("relays", "viewers", "streams", "mediaMb"):
        if last[what] > 0:
            faults.append(f"edge: {last[what]} {what} are left")
    open_now = edge.descriptors()
    print(f"edge: {before['edge']} descriptors before, {open_now} after, "
          f"{last['dropped']} frames dropped; origin: {samples[-1]['origin']['publishers']} "
          f"publishers, {origin.descriptors()} descriptors")
    if open_now > before["edge"] + 5:  # its own heartbeat to the origin, a scrape
        faults.append(f"edge: {before['edge']} descriptors before, {open_now} after")
    judge_memory(samples, seconds, faults)
    judge_viewers(directory, faults)
    for server in servers:
        if server.leaks(directory):
            faults.append(f"{server.name}: {server.leaks(directory)} leaks reported")
    for fault in faults:
        print(f"FAULT {fault}")
    print("verdict: " + ("bad" if faults else "good"))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
