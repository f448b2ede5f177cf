#!/usr/bin/env bash
# What slow viewers get, and what the others notice of them.
#
#   sudo lab/bench/slow-viewers.sh            about 4 minutes
#
# 100 viewers play alone; then again beside 20 viewers at 60 % of the bit rate, 20 at 100 ms one way
# and 2 % loss, and 500 that stop reading. Last: 2000 that keep up, for the memory of each.
#
# Settings (environment): VIEWERS=100 STUCK=500 HEALTHY=2000 WINDOW=20s BITRATE=500k KEEP=DIR
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/lab/bench/lib.sh"
enter_namespace "$@"
prepare
start_sluice
publish slow "rtmp://127.0.0.1:19350/live/x?key=bench"
mkdir "$work/runs"
viewers=${VIEWERS:-100}
url=rtmp://127.0.0.1:19351/live/x

# wan PORT OPTIONS...: a line to the edge.
wan() {
  local port=$1
  shift
  start "$client_core" "wan-$port" "$sluice" lab wan --to 127.0.0.1:19351 --listen "$port" "$@"
  await "wan-$port" '^relaying'
}

# behind PORT NAME: 20 viewers behind that line, in the background.
behind() {
  start "$client_core" "behind-$2" sh -c "exec timeout 170 '$sluice' bench live \
    --url rtmp://127.0.0.1:$1/live/x -n 20 --warmup 5s --duration 40s --json >'$work/runs/$2.json'"
}

memory() { awk '/^RssAnon/ { print $2 }' "/proc/$edge_pid/status"; }

live "$work/runs/warm.json" "$url" "$viewers" "$edge_pid" # for the compiler
live "$work/runs/alone.json" "$url" "$viewers" "$edge_pid"
wan 29351 --rate 300k
wan 29352 --delay 100ms --loss 2
behind 29351 slow
behind 29352 lossy
before=$(memory)
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
start "$client_core" stuck python3 "$work/stuck.py" "${STUCK:-500}"
await stuck '^stuck'
stuck_after_start=$(memory)
live "$work/runs/beside.json" "$url" "$viewers" "$edge_pid"
stuck_later=$(memory)
curl -s "http://127.0.0.1:18201/api/streams?viewers=true&limit=3" >"$work/runs/viewers.txt"
for try in $(seq 60); do
  if [ -s "$work/runs/slow.json" ] && [ -s "$work/runs/lossy.json" ]; then break; fi
  sleep 1
done
live "$work/runs/healthy.json" "$url" "${HEALTHY:-2000}" "$edge_pid"
python3 - "$work/runs" "$before" "$stuck_after_start" "$stuck_later" "${STUCK:-500}" \
  "${HEALTHY:-2000}" <<'PYTHON'
import json, pathlib, sys
runs = pathlib.Path(sys.argv[1])
before, started, later, stuck, healthy = map(int, sys.argv[2:])
report = {name: json.loads((runs / f"{name}.json").read_text())
          for name in ("alone", "beside", "slow", "lossy", "healthy")}
alone, beside = (report[n]["frameGapMs"]["p99"] for n in ("alone", "beside"))
print(f"others: p99 frame gap {alone:.1f} ms alone, {beside:.1f} ms beside: "
      f"{100 * (beside / alone - 1):+.0f} %, frames lost {report['beside']['sampled']['framesLost']}")
for name in ("slow", "lossy"):
    r = report[name]
    late = r["latencyMs"]
    print(f"{name}: {r['playing']} playing, {r['died']} died, late p50 {late['p50']:.0f} "
          f"p99 {late['p99']:.0f} max {late['max']:.0f} ms, frames skipped "
          f"{r['sampled']['framesLost']}, timestamps backward {r['sampled']['timestampsBackward']}")
print(f"{stuck} stuck: anonymous memory {before} kB before, {started} kB when they are there, "
      f"{later} kB half a minute later")
idle = report["alone"]["server"]["anonEndMb"] * 1e6
full = report["healthy"]["server"]["anonEndMb"] * 1e6
print(f"{healthy} healthy: anonymous memory {full / 1e6:.0f} MB, "
      f"{(full - idle) / healthy / 1024:.1f} KiB a viewer above {idle / 1e6:.0f} MB")
PYTHON
[ -z "${KEEP:-}" ] || { mkdir -p "$KEEP"; cp "$work"/runs/* "$KEEP"; }
