#!/usr/bin/env bash
# The bare limit: what it costs to send the same bytes in batches with no server around it.
#
#   sudo lab/bench/limit.sh                   1000 viewers at 350, 100 and 40 ms: about 3 minutes
#
# Settings (environment): VIEWERS=1000 INTERVALS="350ms 100ms 40ms 0s" WINDOW=8s WARMUP=12s KEEP=DIR
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/lab/bench/lib.sh"
enter_namespace "$@"
prepare
mkdir "$work/runs"
viewers=${VIEWERS:-1000}
WINDOW=${WINDOW:-8s}
WARMUP=${WARMUP:-12s}
for interval in ${INTERVALS:-350ms 100ms 40ms}; do
  start "$server_core" "limit-$interval" "$sluice" bench limit --port 18300 \
    --interval "$interval" --bitrate "${BITRATE:-500k}"
  sender=$pid
  await "limit-$interval" 'bench live'
  live "$work/runs/every $interval-$viewers-1.json" http://127.0.0.1:18300/limit.flv "$viewers" "$sender"
  end "$sender"
done
report
