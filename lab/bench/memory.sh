#!/usr/bin/env bash
# Memory of a viewer that keeps up: the edge's memory (heap, direct and native, no kernel buffers)
# with them and without, each right after a collection.
#
#   sudo lab/bench/memory.sh                  3000 viewers over RTMP: about 2 minutes
#
# Settings (environment): VIEWERS=3000 WARM=20s (70s for HLS, whose window fills) PROTOCOL=rtmp|http|ws|https|wss|hls TLS=auto|jdk|openssl BITRATE=500k SERVER_CORE=0 CLIENT_CORE=1
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
protocol=${PROTOCOL:-rtmp}
start_servers default "${protocol/hls/http}" sluice
viewers=${VIEWERS:-3000}

warm=20s
if [ "$protocol" = hls ]; then warm=70s; fi

# HLS knows viewers by address, and here many share one: their connections are counted, but for the
# one that asks.
playing() {
  local meter=sluice_live_viewers own=0
  if [ "$protocol" = hls ]; then meter=sluice_http_connections own=1; fi
  curl -s http://127.0.0.1:18201/metrics \
    | awk "/^$meter/ { sum += \$NF } END { printf \"%d\", sum - $own }"
}

# load FILE VIEWERS: one run of the load generator.
load() {
  if [ "$protocol" = hls ]; then
    hls "$1" http://127.0.0.1:18201/live/x/index.m3u8 "$2" "$edge_pid"
  else
    live "$1" "$sluice_url" "$2" "$edge_pid"
  fi
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

WINDOW=${WARM:-$warm} load "$work/warm.json" 100
await_playing 0 0
memory >/dev/null
idle=$(memory)
WARMUP=${HOLD:-40s} WINDOW=1s load "$work/full.json" "$viewers" &
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
