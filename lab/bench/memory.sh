#!/usr/bin/env bash
# Memory of a viewer that keeps up: the edge's anonymous memory (heap, direct and native, no kernel
# buffers) with them and without, each right after a collection.
#
#   sudo lab/bench/memory.sh                  3000 viewers over RTMP: about 2 minutes
#
# Settings (environment): VIEWERS=3000 PROTOCOL=rtmp|http BITRATE=500k SERVER_CORE=0 CLIENT_CORE=1
#
# Three figures are printed: idle (a round of 100 viewers has loaded the code and is gone), full, and
# idle again. "a viewer" is full less the idle before it, divided; "garbage included" is the same
# before the collection.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/lab/bench/lib.sh"
. "$root/lab/bench/peers.sh"
need jcmd curl
enter_namespace "$@"
prepare
start_servers default "${PROTOCOL:-rtmp}" sluice
viewers=${VIEWERS:-3000}

anonymous() { awk '/^RssAnon/ { print $2 }' "/proc/$edge_pid/status"; }

# heap: KiB of live heap, once collected.
heap() {
  curl -s http://127.0.0.1:18201/metrics \
    | awk '/^jvm_memory_used_bytes\{area="heap"/ { sum += $NF } END { printf "%d", sum / 1024 }'
}

# collected NAME: collects, then reads anonymous memory and live heap into NAME and NAME_heap.
collected() {
  jcmd "$edge_pid" GC.run >/dev/null
  sleep 1
  printf -v "$1" %s "$(anonymous)"
  printf -v "$1_heap" %s "$(heap)"
}

WINDOW=10s live "$work/warm.json" "$sluice_url" 100 "$edge_pid"
sleep 2
collected idle
WARMUP=60s WINDOW=1s live "$work/full.json" "$sluice_url" "$viewers" "$edge_pid" &
client=$!
sleep 5
for try in $(seq 100); do
  playing=$(curl -s http://127.0.0.1:18201/metrics \
    | awk '/^sluice_live_viewers/ { sum += $NF } END { printf "%d", sum }')
  if [ "$playing" -ge "$viewers" ]; then break; fi
  sleep 1
done
[ "$playing" -ge "$viewers" ] || fail "only $playing of $viewers viewers play"
sleep 20
garbage=$(anonymous)
collected full
wait "$client" || fail "the client failed"
sleep 2
collected after
kib() { awk "BEGIN { printf \"%.1f\", ($1 - $idle) / $viewers }"; }
echo "$viewers viewers over ${PROTOCOL:-rtmp}: anonymous memory $(kib "$full") KiB a viewer," \
  "of it live heap $(awk "BEGIN { printf \"%.1f\", ($full_heap - $idle_heap) / $viewers }");" \
  "garbage included $(kib "$garbage")"
echo "anonymous memory: idle $((idle / 1024)) MiB, full $((full / 1024)), idle again $((after / 1024));" \
  "live heap: $((idle_heap / 1024)), $((full_heap / 1024)), $((after_heap / 1024))"
