#!/usr/bin/env bash
# A soak: viewers come and go at an edge for a long time, and so do some publishers; then all leave.
#
#   sudo lab/bench/soak.sh                    an hour
#   sudo DURATION=3m lab/bench/soak.sh        a look
#
# 100 viewers join each second, over RTMP and HTTP-FLV in turn, and stay for 15 s on average, so that
# some 1500 are there at once: 85 a second on 4 streams whose publishers stay, 15 on 6 streams whose
# publishers come and go (every other time without a word). Each 10 s a line of figures is printed;
# every 5 minutes both servers collect their garbage before, and the live heap is in the line. The
# verdict, and exit code 1 if it is bad:
#   - memory after a collection, and anonymous memory, do not grow after the first sixth of the time
#     (ten minutes of an hour) by more than a tenth
#   - Netty's leak detector says nothing, in neither server
#   - no viewer of a steady stream fails, no frame is lost, no timestamp runs back
#   - when all have left: no relay, no viewer, and as many descriptors as before
#
# Settings (environment): DURATION=60m JOINS=100 LIFE=15s BITRATE=200k STEADY=4 RESTLESS=6
# COLLECT=300 (seconds; 0: never but at the end)
# SERVER_CORE=0 CLIENT_CORE=1 KEEP=DIR (keep samples and logs)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/lab/bench/lib.sh"
need jcmd curl
enter_namespace "$@"
prepare
duration=${DURATION:-60m}
case $duration in
  *h) seconds=$((${duration%h} * 3600)) ;;
  *m) seconds=$((${duration%m} * 60)) ;;
  *s) seconds=${duration%s} ;;
  *) fail "DURATION: $duration (expected: such as 60m)" ;;
esac
joins=${JOINS:-100}
life=${LIFE:-15s}
steady=${STEADY:-4}
restless=${RESTLESS:-6}
bitrate=${BITRATE:-200k}

SLUICE_JAVA_OPTS="${SLUICE_JAVA_OPTS:-} -Dio.netty.leakDetection.level=advanced"
export SLUICE_JAVA_OPTS
start_sluice
unset SLUICE_JAVA_OPTS
publish_to=rtmp://127.0.0.1:19350/live
start "$client_core" publish-steady "$sluice" bench publish --url "$publish_to/s?key=$secret" \
  --streams "$steady" --bitrate "$bitrate" --duration 24h
await publish-steady '^publishing'
start "$client_core" publish-restless "$sluice" bench publish --url "$publish_to/r?key=$secret" \
  --streams "$restless" --bitrate "$bitrate" --restless 40s --duration 24h
await publish-restless '^publishing'

# churn NAME JOINS STREAM STREAMS: its report in $work/NAME.log, its id in $pid.
churn() {
  start "$client_core" "$1" "$sluice" bench churn --json --joins "$2" --life "$life" \
    --url "rtmp://127.0.0.1:19351/live/$3" --url "http://127.0.0.1:18201/live/$3.flv" \
    --streams "$4" --duration "${seconds}s" --sources "127.0.$5.0/24"
}

churn steady "$((joins * 85 / 100))" s "$steady" 1
steady_pid=$pid
churn restless "$((joins * 15 / 100))" r "$restless" 2
verdict=0
python3 "$root/lab/bench/soak.py" "$work" "$seconds" "$edge_pid" 18201 "$origin_pid" 18200 \
  "${COLLECT:-300}" "$steady_pid" "$pid" || verdict=1
[ -z "${KEEP:-}" ] || { mkdir -p "$KEEP"; cp "$work"/*.log "$work/samples.jsonl" "$KEEP"; }
exit "$verdict"
