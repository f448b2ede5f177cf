#!/usr/bin/env bash
# Many publishers with one viewer each: a Sluice origin against nginx-rtmp, taking turns.
#
#   sudo lab/bench/publishers.sh            500 and 2000 streams, 3 pairs each: about 20 minutes
#   sudo STREAMS=50 PAIRS=1 WINDOW=6s lab/bench/publishers.sh
#
# Settings (environment): STREAMS="500 2000" PAIRS=3 WINDOW=24s WARMUP=5s BITRATE=500k RAMP=200/s
# SERVER_CORE=0 CLIENT_CORE=1 KEEP=DIR (keep the reports). Both servers run on SERVER_CORE; only one
# has publishers at a time. The origin gets one round before the first window, for the compiler.
# The load tool writes each picture with the sound before it in one call, 25 times a second and
# stream, so that one core can drive 2000; look at "late" in publish-*.log when it cannot.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/lab/bench/lib.sh"
module=${NGINX_RTMP_MODULE:-/usr/lib/nginx/modules/ngx_rtmp_module.so}
need nginx
[ -r "$module" ] || fail "no nginx-rtmp at $module: install libnginx-mod-rtmp"
enter_namespace "$@"
prepare

cat >"$work/nginx.conf" <<CONF
load_module $module;
error_log $work/nginx-error.log warn;
worker_rlimit_nofile 20000;
events { worker_connections 15000; }
rtmp {
  access_log off;
  server {
    listen 127.0.0.1:19360;
    chunk_size 4096;
    application live { live on; wait_key on; wait_video on; }
  }
}
CONF
cat >"$work/origin.yaml" <<YAML
id: bench-origin
http: { bind: 127.0.0.1, port: 18200 }
rtmp: { bind: 127.0.0.1, port: 19350 }
streamKeys: { "*": $secret }
files: { directory: $work/origin-files }
YAML
start_nginx "$work/nginx.conf"
chmod 600 "$work/origin.yaml"
start "$server_core" origin "$sluice" origin --config "$work/origin.yaml"
origin_pid=$pid
await origin '^ready'

# round FILE URL QUERY STREAMS PIDS: publishers, then a viewer for each, then neither.
round() {
  local file=$1 url=$2 query=$3 streams=$4 server=$5 publisher
  start "$client_core" publishers "$sluice" bench publish --url "$url$query" --streams "$streams" \
    --bitrate "${BITRATE:-500k}"
  publisher=$pid
  await publishers '^publishing' 180 # one after the other, and nginx takes 40 ms for each
  taskset -c "$client_core" timeout 300 "$sluice" bench live --url "$url" --streams "$streams" \
    -n "$streams" --pid "$server" --duration "${WINDOW:-24s}" --warmup "${WARMUP:-5s}" \
    --ramp "${RAMP:-200/s}" --sources 127.0.1.0/24 --latency --json >"$file" 2>"$work/live.log" \
    || { cat "$work/live.log" "$work/publishers.log" >&2; fail "$(basename "$file" .json) failed"; }
  end "$publisher"
  sleep 2
}

mkdir "$work/runs"
read -r -a sizes <<<"${STREAMS:-500 2000}"
echo "warming up the origin with ${sizes[-1]} streams" >&2
WINDOW=15s round "$work/warm.json" rtmp://127.0.0.1:19350/live/x "?key=$secret" "${sizes[-1]}" \
  "$origin_pid"
for streams in "${sizes[@]}"; do
  for pair in $(seq "${PAIRS:-3}"); do
    echo "$streams streams, pair $pair" >&2
    round "$work/runs/nginx-$streams-$pair.json" rtmp://127.0.0.1:19360/live/x '' "$streams" \
      "$nginx_pids"
    round "$work/runs/sluice-$streams-$pair.json" rtmp://127.0.0.1:19350/live/x "?key=$secret" \
      "$streams" "$origin_pid"
  done
done
report sluice
