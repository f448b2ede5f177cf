#!/usr/bin/env bash
# Memory of a viewer that keeps up: the edge's memory (heap, direct and native, no kernel buffers)
# with them and without, each right after a collection.
#
#   sudo lab/bench/memory.sh                  3000 viewers over RTMP: about 2 minutes
#
# Settings (environment): VIEWERS=3000 PROTOCOL=rtmp|http|ws|https|wss TLS=auto|jdk|openssl BITRATE=500k SERVER_CORE=0 CLIENT_CORE=1
#
# 99 in 100 must play; the figures are of those that do.
# "in use" is live heap plus all anonymous memory outside the heap; "anonymous" counts the heap's
# pages, which stay when what was on them has gone. Idle: a round of 100 viewers has loaded the code.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/lab/bench/lib.sh"
. "$root/lab/bench/peers.sh"
need jcmd curl
enter_namespace "$@"
prepare
start_servers default "${PROTOCOL:-rtmp}" sluice
viewers=${VIEWERS:-3000}

playing() {
  curl -s http://127.0.0.1:18201/metrics \
    | awk '/^sluice_live_viewers/ { sum += $NF } END { printf "%d", sum }'
}

# await_playing LEAST MOST: until so many viewers play.
await_playing() {
  local try
  for try in $(seq 100); do
    if [ "$(playing)" -ge "$1" ] && [ "$(playing)" -le "$2" ]; then return 0; fi
    sleep 1
  done
  fail "$(playing) viewers play, not $1 to $2"
}

memory() { python3 "$root/lab/bench/memory.py" "$edge_pid"; }

WINDOW=20s live "$work/warm.json" "$sluice_url" 100 "$edge_pid"
await_playing 0 0
memory >/dev/null
idle=$(memory)
WARMUP=${HOLD:-40s} WINDOW=1s live "$work/full.json" "$sluice_url" "$viewers" "$edge_pid" &
client=$!
await_playing $((viewers * 99 / 100)) "$viewers"
sleep 15
there=$(playing)
garbage=$(awk '/^RssAnon/ { print $2 }' "/proc/$edge_pid/status")
full=$(memory)
wait "$client" || fail "the client failed"
await_playing 0 0
after=$(memory)
python3 - "$there" "$garbage" $idle $full $after <<'PYTHON'
import sys
viewers, garbage, *rest = map(int, sys.argv[1:])
idle, full, after = ([anon, outside + live, live, outside] for anon, outside, live in
                     (rest[i:i + 3] for i in (0, 3, 6)))
names = ("anonymous", "in use", "live heap", "outside the heap")
for i, name in enumerate(names):
    print(f"{name:>17}: idle {idle[i] / 1024:6.1f} MiB, with {viewers} viewers {full[i] / 1024:6.1f}, "
          f"idle again {after[i] / 1024:6.1f}: {(full[i] - idle[i]) / viewers:.1f} KiB a viewer")
print(f"anonymous just before the collection: {garbage / 1024:.1f} MiB, "
      f"{(garbage - idle[0]) / viewers:.1f} KiB a viewer, garbage included")
PYTHON
