#!/usr/bin/env bash
# Added latency: publisher -> origin -> edge -> viewers, from the send of a frame to its arrival.
#
#   sudo lab/bench/latency.sh                 100 viewers over RTMP and over HTTP-FLV, 3 times: about 4 minutes
#
# Settings (environment): VIEWERS=100 PAIRS=3 WINDOW=24s WARMUP=5s BITRATE=500k KEEP=DIR
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/lab/bench/lib.sh"
enter_namespace "$@"
prepare
start_sluice
publish sluice "rtmp://127.0.0.1:19350/live/x?key=bench"
mkdir "$work/runs"
viewers=${VIEWERS:-100}
for pair in $(seq "${PAIRS:-3}"); do
  live "$work/runs/rtmp-$viewers-$pair.json" rtmp://127.0.0.1:19351/live/x "$viewers" "$edge_pid"
  live "$work/runs/flv-$viewers-$pair.json" http://127.0.0.1:18201/live/x.flv "$viewers" "$edge_pid"
done
report
