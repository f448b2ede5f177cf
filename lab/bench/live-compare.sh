#!/usr/bin/env bash
# Live fan-out: a Sluice edge (pulling from an origin) against its peers and the bare limit, taking
# turns.
#
#   sudo lab/bench/live-compare.sh            500 and 2000 viewers, 3 rounds each: about 14 minutes
#   sudo SRS=/path/to/srs MODE=350 VIEWERS=1000 lab/bench/live-compare.sh
#   sudo VIEWERS=100 PAIRS=1 WINDOW=6s WARM=6s lab/bench/live-compare.sh
#
# Settings (environment):
#   PEERS="nginx srs"  beside ours; default nginx, and srs when SRS names a binary
#   MODE=default       ours as it is, SRS with its merging of 350 ms
#        350           ours gathering 350 ms too
#        low           ours sending each video frame at once, SRS without merging
#   PROTOCOL=rtmp      or http: of ours and of SRS (nginx-rtmp has RTMP only, the limit HTTP only)
#   LIMIT=yes          or no: also `sluice bench limit`, with as many reads/s as ours had
#   VIEWERS="500 2000" PAIRS=3 WINDOW=24s BITRATE=500k RAMP=400/s SERVER_CORE=0 CLIENT_CORE=1
#   WARM=15s           before the first window of a Java server, for its compiler
#   KEEP=DIR           keep the reports
#
# All servers run on SERVER_CORE, all but one of them idle.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/lab/bench/lib.sh"
. "$root/lab/bench/peers.sh"
mode=${MODE:-default}
protocol=${PROTOCOL:-rtmp}
read -r -a peers <<<"${PEERS-nginx${SRS:+ srs}}"
read -r -a sizes <<<"${VIEWERS:-500 2000}"
set_mode "$mode"
for peer in "${peers[@]}"; do need_server "$peer"; done
enter_namespace "$@"
prepare
start_servers "$mode" "$protocol" sluice "${peers[@]}"

# measure SERVER VIEWERS PAIR: one window.
measure() {
  local url=$1_url server=$1_pids
  live "$work/runs/$1-$2-$3.json" "${!url}" "$2" "${!server}"
  sleep 2
}

# measure_limit VIEWERS PAIR: the bare sender with the batches that ours made just now.
measure_limit() {
  local interval
  interval=$(python3 "$root/lab/bench/table.py" --interval "$work/runs/sluice-$1-$2.json")
  start "$server_core" "limit-$1-$2" "$sluice" bench limit --port 18300 --interval "${interval}ms" \
    --bitrate "${BITRATE:-500k}"
  await "limit-$1-$2" 'bench live'
  limit_url=http://127.0.0.1:18300/limit.flv
  limit_pids=$pid
  WARMUP=${WARM:-15s} measure limit "$1" "$2"
  end "$limit_pids"
}

mkdir "$work/runs"
echo "mode $mode over $protocol: warming up the edge with ${sizes[-1]} viewers" >&2
WARMUP=0s WINDOW=${WARM:-15s} live "$work/warm.json" "$sluice_url" "${sizes[-1]}" "$edge_pid"
for viewers in "${sizes[@]}"; do
  for pair in $(seq "${PAIRS:-3}"); do
    for server in "${peers[@]}" sluice; do
      echo "$viewers viewers, round $pair: $server" >&2
      measure "$server" "$viewers" "$pair"
    done
    if [ "${LIMIT:-yes}" = yes ]; then measure_limit "$viewers" "$pair"; fi
  done
done
report sluice
