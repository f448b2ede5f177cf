#!/usr/bin/env bash
# Live fan-out: a Sluice edge (pulling from an origin) against nginx-rtmp, taking turns.
#
#   sudo lab/bench/live-compare.sh            500 and 2000 viewers, 3 pairs each: about 10 minutes
#   sudo VIEWERS=100 PAIRS=1 WINDOW=6s lab/bench/live-compare.sh
#
# Settings (environment): VIEWERS="500 2000" PAIRS=3 WINDOW=24s WARMUP=5s BITRATE=500k
# PROTOCOL=rtmp|http (of the edge; nginx-rtmp has RTMP only) SERVER_CORE=0 CLIENT_CORE=1
# KEEP=DIR (keep the reports). Both servers run on SERVER_CORE, one of them idle; the edge gets one
# round before the first window, for the compiler.
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
events { worker_connections 10000; }
rtmp {
  access_log off;
  server {
    listen 127.0.0.1:19360;
    chunk_size 4096;
    application live { live on; wait_key on; wait_video on; }
  }
}
CONF
start_nginx "$work/nginx.conf"
start_sluice
publish nginx rtmp://127.0.0.1:19360/live/x
publish sluice "rtmp://127.0.0.1:19350/live/x?key=bench"

case ${PROTOCOL:-rtmp} in
  rtmp) edge_url=rtmp://127.0.0.1:19351/live/x ;;
  http) edge_url=http://127.0.0.1:18201/live/x.flv ;;
  *) fail "PROTOCOL: $PROTOCOL (expected: rtmp or http)" ;;
esac
mkdir "$work/runs"
read -r -a sizes <<<"${VIEWERS:-500 2000}"
echo "warming up the edge with ${sizes[-1]} viewers" >&2
WINDOW=15s live "$work/warm.json" "$edge_url" "${sizes[-1]}" "$edge_pid"
for viewers in "${sizes[@]}"; do
  for pair in $(seq "${PAIRS:-3}"); do
    echo "$viewers viewers, pair $pair" >&2
    live "$work/runs/nginx-$viewers-$pair.json" rtmp://127.0.0.1:19360/live/x "$viewers" "$nginx_pids"
    sleep 2
    live "$work/runs/sluice-$viewers-$pair.json" "$edge_url" "$viewers" "$edge_pid"
    sleep 2
  done
done
report nginx
