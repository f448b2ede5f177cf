#!/usr/bin/env bash
# Added latency: publisher -> origin -> edge -> viewers, from the send of a frame to its arrival; and
# how long a viewer waits for its first picture.
#
#   sudo lab/bench/latency.sh                 100 and 3000 viewers, RTMP and HTTP-FLV, 3 times: 10 minutes
#
# Settings (environment): VIEWERS="100 3000" PAIRS=3 WINDOW=24s WARMUP=5s BITRATE=500k RAMP=400/s
# PROTOCOLS="rtmp flv" KEEP=DIR. The first round, for the compiler, does not count.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/lab/bench/lib.sh"
enter_namespace "$@"
prepare
start_sluice
publish sluice "rtmp://127.0.0.1:19350/live/x?key=$secret"
mkdir "$work/runs"
rtmp=rtmp://127.0.0.1:19351/live/x
flv=http://127.0.0.1:18201/live/x.flv
read -r -a protocols <<<"${PROTOCOLS:-rtmp flv}"
for protocol in "${protocols[@]}"; do
  WARMUP=0s WINDOW=12s live "$work/warm.json" "${!protocol}" 500 "$edge_pid"
done
for viewers in ${VIEWERS:-100 3000}; do
  for pair in $(seq "${PAIRS:-3}"); do
    for protocol in "${protocols[@]}"; do
      live "$work/runs/$protocol-$viewers-$pair.json" "${!protocol}" "$viewers" "$edge_pid"
    done
  done
done
report
