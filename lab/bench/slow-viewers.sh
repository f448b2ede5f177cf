#!/usr/bin/env bash
# What slow viewers get, and what the others notice of them.
#
#   sudo lab/bench/slow-viewers.sh            about 4 minutes
#
# 100 viewers play alone, then beside 20 viewers at 60 % of the bit rate, 20 at 100 ms one way and 2 %
# loss, and 500 that stop reading; and so on in turns, each time the same 100 in a window as long. What
# drives the slow ones has a low priority, so that the others' client does not wait for it: what they
# notice is then of the edge. Last, the edge's memory second by second while 500 are stuck, and with
# 2000 that keep up.
#
# Settings (environment): VIEWERS=100 STUCK=500 HEALTHY=2000 PAIRS=3 WINDOW=10s BITRATE=500k KEEP=DIR
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/lab/bench/lib.sh"
enter_namespace "$@"
prepare
start_sluice
publish slow "rtmp://127.0.0.1:19350/live/x?key=$secret"
mkdir "$work/runs"
viewers=${VIEWERS:-100}
pairs=${PAIRS:-3}
export WINDOW=${WINDOW:-10s}
url=rtmp://127.0.0.1:19351/live/x

# wan PORT OPTIONS...: a line to the edge.
wan() {
  local port=$1
  shift
  start "$client_core" "wan-$port" nice -n 19 \
    "$sluice" lab wan --to 127.0.0.1:19351 --listen "$port" "$@"
  await "wan-$port" '^relaying'
}

# behind PORT NAME: 20 viewers behind that line, in the background, until after the next window.
behind() {
  start "$client_core" "behind-$2" sh -c "exec nice -n 19 timeout 120 '$sluice' bench live \
    --url rtmp://127.0.0.1:$1/live/x -n 20 --warmup 8s --duration 15s --json >'$work/runs/$2.json'"
  await_end+=("$pid")
}

cat >"$work/stuck.py" <<'PYTHON'
import socket, sys, time
stuck = []
for _ in range(int(sys.argv[1])):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
    s.connect(("127.0.0.1", 18201))
    s.sendall(b"GET /live/x.flv HTTP/1.1\r\nHost: x\r\n\r\n")
    stuck.append(s)
print("stuck", flush=True)
time.sleep(120)
PYTHON

# get_stuck: viewers that stop reading; id in $stuck_pid.
get_stuck() {
  start "$client_core" stuck nice -n 19 python3 "$work/stuck.py" "${STUCK:-500}"
  stuck_pid=$pid
  await stuck '^stuck'
}

memory() { awk '/^RssAnon/ { print $2 }' "/proc/$edge_pid/status"; }

wan 29351 --rate 300k
wan 29352 --delay 100ms --loss 2
live "$work/runs/warm.json" "$url" "$viewers" "$edge_pid" # for the compiler
for pair in $(seq "$pairs"); do
  live "$work/runs/alone-$pair.json" "$url" "$viewers" "$edge_pid"
  await_end=()
  behind 29351 "slow-$pair"
  behind 29352 "lossy-$pair"
  get_stuck
  sleep 3 # until they are behind
  live "$work/runs/beside-$pair.json" "$url" "$viewers" "$edge_pid"
  curl -s "http://127.0.0.1:18201/api/streams?viewers=true&limit=3" >"$work/runs/viewers.txt"
  end "$stuck_pid"
  for one in "${await_end[@]}"; do
    timeout 60 tail --pid="$one" -f /dev/null || fail "the viewers behind lines did not end"
  done
done

idle=$(memory)
get_stuck
for second in $(seq 25); do # after 30 s without a byte they would be disconnected
  sleep 1
  memory >>"$work/runs/stuck.txt"
done
end "$stuck_pid"
live "$work/runs/healthy.json" "$url" "${HEALTHY:-2000}" "$edge_pid"
python3 - "$work/runs" "$pairs" "$idle" "${STUCK:-500}" "${HEALTHY:-2000}" <<'PYTHON'
import json, pathlib, statistics, sys
runs = pathlib.Path(sys.argv[1])
pairs, idle, stuck, healthy = map(int, sys.argv[2:])
load = lambda name: json.loads((runs / f"{name}.json").read_text())
numbers = range(1, pairs + 1)
verdict = lambda good: "PASS" if good else "FAIL"

changes, lost = [], 0
for n in numbers:
    alone, beside = load(f"alone-{n}"), load(f"beside-{n}")
    if not alone["playing"] == beside["playing"]:
        sys.exit(f"pair {n}: {alone['playing']} others played alone, {beside['playing']} beside")
    a, b = alone["frameGapMs"]["p99"], beside["frameGapMs"]["p99"]
    changes.append(100 * (b / a - 1))
    lost += beside["sampled"]["framesLost"]
    print(f"pair {n}: others' p99 frame gap {a:.1f} ms alone, {b:.1f} ms beside: {changes[-1]:+.0f} %")
for name in ("slow", "lossy"):
    all_runs = [load(f"{name}-{n}") for n in numbers]
    late = lambda key: max(r["latencyMs"][key] for r in all_runs)
    total = lambda pick: sum(pick(r) for r in all_runs)
    print(f"{name}: {total(lambda r: r['playing'])} playing, {total(lambda r: r['died'])} died, "
          f"late (worst run) p50 {late('p50'):.0f} p99 {late('p99'):.0f} max {late('max'):.0f} ms, "
          f"frames skipped {total(lambda r: r['sampled']['framesLost'])}, "
          f"timestamps backward {total(lambda r: r['sampled']['timestampsBackward'])}")
    print(f"{verdict(late('p99') <= 3000)}: {name} viewers at most 3 s late at p99")
change = statistics.median(changes)
print(f"{verdict(change <= 20 and lost == 0)}: others' p99 frame gap {change:+.0f} % beside the slow "
      f"ones (median of {pairs}; at most +20 %), frames lost {lost} (none)")

seconds = [int(line) for line in (runs / "stuck.txt").read_text().split()]
early, later = statistics.median(seconds[4:8]), statistics.median(seconds[-4:])
growth = (later - early) / stuck
print(f"{stuck} stuck: anonymous memory {idle} kB before, {early:.0f} kB 5 s after they came, "
      f"{later:.0f} kB after 25 s")
print(f"{verdict(growth <= 8)}: {growth:.1f} KiB more a stuck viewer in 20 s (flat: at most 8, the "
      f"heap's own growth; queued it would be 1,200)")
full = load("healthy")["server"]["anonEndMb"] * 1e6
print(f"{healthy} healthy: anonymous memory {full / 1e6:.0f} MB, "
      f"{(full / 1024 - idle) / healthy:.1f} KiB a viewer above {idle / 1024:.0f} MiB, garbage included")
PYTHON
[ -z "${KEEP:-}" ] || { mkdir -p "$KEEP"; cp "$work"/runs/* "$KEEP"; }
