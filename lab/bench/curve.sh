#!/usr/bin/env bash
# The curve of live fan-out on one core: from few viewers to many, and from low bit rates to high.
#
#   sudo lab/bench/curve.sh                   8 sizes at 500 kbit/s, 4 rates at 1000: about 12 minutes
#   sudo SERVERS="sluice srs" SRS=/path/to/srs VIEWERS="9000 15000" RATES= lab/bench/curve.sh
#
# Settings (environment): SERVERS=sluice (also: nginx, srs) VIEWERS="100 500 1000 ... 15000"
# RATES="200k 1M 2M 4M" AT=1000 (viewers for those) MODE=default|350|low PROTOCOL=rtmp|http (of
# ours) WINDOW=12s RAMP=600/s PER_CLIENT=15000 SERVER_CORE=0 CLIENT_CORE=1 KEEP=DIR
#
# The load comes from one process for each PER_CLIENT viewers, all on CLIENT_CORE, since a process
# may have only so many descriptors (the table then shows the sum of what they saw, and the latest).
# "full rate" says whether every viewer had it; a server that gives less is past its end.
# 15000 viewers need 15000 descriptors and some hundreds: `ulimit -Hn` of 16000 at least.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/lab/bench/lib.sh"
. "$root/lab/bench/peers.sh"
read -r -a servers <<<"${SERVERS:-sluice}"
read -r -a sizes <<<"${VIEWERS-100 500 1000 3000 6000 9000 12000 15000}"
read -r -a rates <<<"${RATES-200k 1M 2M 4M}"
mode=${MODE:-default}
protocol=${PROTOCOL:-rtmp}
set_mode "$mode"
for server in "${servers[@]}"; do need_server "$server"; done
enter_namespace "$@"
prepare
WINDOW=${WINDOW:-12s}
RAMP=${RAMP:-600/s}

start_servers "$mode" "$protocol" "${servers[@]}"
mkdir "$work/runs" "$work/rates"
per_client=${PER_CLIENT:-15000}

# crowd DIRECTORY SERVER VIEWERS: as many clients as it takes, together; DIRECTORY/SERVER-VIEWERS-1.json.
crowd() {
  local url=$2_url server=$2_pids left=$3 client=0 clients part ramp waits=()
  clients=$(((left + per_client - 1) / per_client))
  ramp=$(python3 -c "print(max(1, float('${RAMP%/s}') / $clients))")
  for ((client = 0; client < clients; client++)); do
    part=$((left / (clients - client)))
    left=$((left - part))
    SOURCES=127.0.$((client + 1)).0/24 RAMP=$ramp LOG=live-$client \
      live "$work/part-$client.json" "${!url}" "$part" "${!server}" &
    waits+=($!)
  done
  for client in "${waits[@]}"; do wait "$client" || fail "$2, $3 viewers: a client failed"; done
  python3 "$root/lab/bench/table.py" --sum "$1/$2-$3-1.json" "$work"/part-*.json
  rm "$work"/part-*.json
  sleep 3
}

for server in "${servers[@]}"; do
  echo "$server: warming up" >&2
  WARMUP=0s WINDOW=${WARM:-15s} crowd "$work" "$server" 1000
  for viewers in "${sizes[@]}"; do
    echo "$server: $viewers viewers" >&2
    crowd "$work/runs" "$server" "$viewers"
  done
done
if [ "${#sizes[@]}" -gt 0 ]; then report; fi

for rate in "${rates[@]}"; do
  end_publishers
  BITRATE=$rate start_publishers "${servers[@]}"
  for server in "${servers[@]}"; do
    echo "$server: ${AT:-1000} viewers at ${rate}bit/s" >&2
    crowd "$work/rates" "$server" "${AT:-1000}"
    mv "$work/rates/$server-${AT:-1000}-1.json" "$work/rates/$server $rate-${AT:-1000}-1.json"
  done
done
if [ "${#rates[@]}" -gt 0 ]; then runs=$work/rates report; fi
