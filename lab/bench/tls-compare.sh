#!/usr/bin/env bash
# What TLS costs: HTTP-FLV and WebSocket viewers of an edge with and without it, taking turns, with
# BoringSSL and with the JDK's TLS.
#
#   sudo lab/bench/tls-compare.sh             3000 viewers, 3 rounds of six windows: about 20 minutes
#   sudo ENGINES=openssl PROTOCOLS=http PAIRS=1 lab/bench/tls-compare.sh
#
# Settings (environment):
#   ENGINES="openssl jdk"   whose TLS (tls.provider); an edge of its own for each
#   PROTOCOLS="http ws"     or one of them
#   VIEWERS=3000 PAIRS=3 WINDOW=24s BITRATE=500k RAMP=400/s SERVER_CORE=0 CLIENT_CORE=1
#   WARM=15s                before the first window, for the compiler, once each way
#   KEEP=DIR                keep the reports
#
# Ratios are of CPU per viewer (bytes over TLS are counted encrypted). All edges run on SERVER_CORE,
# all but one of them idle.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/lab/bench/lib.sh"
. "$root/lab/bench/peers.sh"
read -r -a engines <<<"${ENGINES:-openssl jdk}"
read -r -a protocols <<<"${PROTOCOLS:-http ws}"
viewers=${VIEWERS:-3000}
enter_namespace "$@"
prepare

# One edge for each engine: the plain ones and the first engine's share the first.
TLS=${engines[0]} start_servers default https sluice
declare -A edges=(["${engines[0]}"]=$edge_pid) ports=(["${engines[0]}"]=18443)
number=1
for engine in "${engines[@]:1}"; do
  number=$((number + 1))
  port=$((18442 + number))
  sed -e "s/^id: .*/id: bench-edge-$number/" -e "s/18201/$((18200 + number))/" \
    -e "s/19351/$((19350 + number))/" -e "s/18443/$port/" -e "s/edge-cache/edge-cache-$number/" \
    -e "s/provider: [a-z]*/provider: $engine/" "$work/edge.yaml" >"$work/edge-$engine.yaml"
  start "$server_core" "edge-$engine" "$sluice" edge --config "$work/edge-$engine.yaml"
  await "edge-$engine" '^ready'
  edges[$engine]=$pid
  ports[$engine]=$port
done
for log in edge "${engines[@]:1}"; do
  file=$work/edge-$log.log
  [ "$log" != edge ] || file=$work/edge.log
  grep -h 'engine=' "$file" >&2 || true
done

# measure FILE WAY PROTOCOL: one window; WAY is plain or an engine.
measure() {
  local url=$3://127.0.0.1:18201/live/x.flv server=$edge_pid
  if [ "$2" != plain ]; then
    url=${3}s://127.0.0.1:${ports[$2]}/live/x.flv
    server=${edges[$2]}
  fi
  live "$1" "$url" "$viewers" "$server"
  sleep 2
}

edge_pid=${edges[${engines[0]}]}
mkdir "$work/runs"
for protocol in "${protocols[@]}"; do
  for way in plain "${engines[@]}"; do
    echo "warming up: $protocol $way" >&2
    WARMUP=0s WINDOW=${WARM:-15s} measure "$work/warm.json" "$way" "$protocol"
  done
done
for pair in $(seq "${PAIRS:-3}"); do
  for protocol in "${protocols[@]}"; do
    for way in plain "${engines[@]}"; do
      echo "$viewers viewers, round $pair: $protocol $way" >&2
      measure "$work/runs/$protocol+$way-$viewers-$pair.json" "$way" "$protocol"
    done
  done
done
python3 "$root/lab/bench/table.py" "$work/runs"
for protocol in "${protocols[@]}"; do
  mkdir "$work/$protocol"
  cp "$work/runs/$protocol+"*.json "$work/$protocol"
  for engine in "${engines[@]}"; do
    python3 "$root/lab/bench/table.py" "$work/$protocol" "$protocol+$engine" viewer | grep ' / .*+plain '
  done
done
[ -z "${KEEP:-}" ] || { mkdir -p "$KEEP"; cp "$work/runs"/*.json "$KEEP"; }
