#!/usr/bin/env bash
# HLS at low latency: a Sluice edge (pulling from an origin) against nginx that has the same bytes as
# files, taking turns.
#
#   sudo lab/bench/hls-compare.sh             2000 viewers, 3 ways, 3 rounds each: about 20 minutes
#   sudo MODES=h2 VIEWERS=5000 PAIRS=1 lab/bench/hls-compare.sh
#   sudo VIEWERS=100 PAIRS=1 WINDOW=6s WARM=6s lab/bench/hls-compare.sh
#
# Settings (environment): MODES="plain tls h2" VIEWERS=2000 PAIRS=3 WINDOW=24s BITRATE=500k
#   RAMP=400/s SERVER_CORE=0 CLIENT_CORE=1 KEEP=DIR
#   NOPUSH=off         or on: nginx's tcp_nopush
#   NGINX=yes          or no: ours alone
#   WARM=15s           before the first window of each way, for the compiler
#
# In each round one player of ours writes down what it got and when; nginx has this as files, and its
# players ask for the same at the same times, but that it holds back nothing: a playlist is asked for
# when ours would have answered.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/lab/bench/lib.sh"
need nginx openssl
enter_namespace "$@"
prepare
read -r -a modes <<<"${MODES:-plain tls h2}"
viewers=${VIEWERS:-2000}
make_certificate
EDGE_LIVE="tls: { certificate: $work/edge.pem, key: $work/edge.key }
https: { enabled: true, bind: 127.0.0.1, port: 18443 }"

mkdir "$work/html" "$work/runs"
cat >"$work/nginx.conf" <<CONF
error_log $work/nginx-error.log warn;
worker_rlimit_nofile 20000;
events { worker_connections 16000; }
http {
  access_log off; sendfile on; tcp_nopush ${NOPUSH:-off}; keepalive_requests 1000000;
  open_file_cache max=5000 inactive=300s; open_file_cache_valid 300s;
  client_body_temp_path $work/t1; proxy_temp_path $work/t2; fastcgi_temp_path $work/t3;
  uwsgi_temp_path $work/t4; scgi_temp_path $work/t5;
  ssl_certificate $work/edge.pem; ssl_certificate_key $work/edge.key;
  ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:s:10m;
  server {
    listen 127.0.0.1:18100 backlog=4096;
    listen 127.0.0.1:18101 backlog=4096 ssl;
    listen 127.0.0.1:18102 backlog=4096 ssl http2;
    root $work/html;
    add_header Access-Control-Allow-Origin *;
    add_header Timing-Allow-Origin *;
    location ~ [.]m3u8$ {
      default_type application/vnd.apple.mpegurl;
      add_header Content-Encoding gzip; add_header Cache-Control "public, max-age=1";
      add_header Vary Accept-Encoding;
      add_header Access-Control-Allow-Origin *;
      add_header Timing-Allow-Origin *;
    }
    location ~ [.]m4s$ {
      default_type video/mp4;
      add_header Cache-Control "public, max-age=60";
      add_header Access-Control-Allow-Origin *;
      add_header Timing-Allow-Origin *;
    }
  }
}
CONF
start_nginx "$work/nginx.conf"
start_sluice
publish x "rtmp://127.0.0.1:19350/live/x?key=$secret"

# Sets sluice_url, nginx_url and what the client is told, for a way.
set_way() {
  options=()
  case $1 in
    plain) sluice_url=http://127.0.0.1:18201 nginx_url=http://127.0.0.1:18100 ;;
    tls) sluice_url=https://127.0.0.1:18443 nginx_url=https://127.0.0.1:18101 ;;
    h2) sluice_url=https://127.0.0.1:18443 nginx_url=https://127.0.0.1:18102 options=(--http2) ;;
    *) fail "MODES: $1 (expected: plain, tls or h2)" ;;
  esac
}

for way in "${modes[@]}"; do
  set_way "$way"
  echo "$way: warming up the edge with $viewers viewers" >&2
  WARMUP=0s WINDOW=${WARM:-15s} hls "$work/warm.json" "$sluice_url/live/x/index.m3u8" "$viewers" \
    "$edge_pid" "${options[@]}"
  for pair in $(seq "${PAIRS:-3}"); do
    echo "$way, round $pair: sluice" >&2
    hls "$work/runs/sluice-$way-$pair.json" "$sluice_url/live/x/index.m3u8" "$viewers" "$edge_pid" \
      --record "$work/html/$way-$pair" "${options[@]}"
    sleep 2
    if [ "${NGINX:-yes}" = yes ]; then
      echo "$way, round $pair: nginx" >&2
      hls "$work/runs/nginx-$way-$pair.json" "$nginx_url/$way-$pair/" "$viewers" "$nginx_pids" \
        --replay "$work/html/$way-$pair" "${options[@]}"
      sleep 2
    fi
  done
done
[ -z "${KEEP:-}" ] || { mkdir -p "$KEEP"; cp "$work/runs"/*.json "$KEEP"; }
python3 "$root/lab/bench/hlstable.py" "$work/runs"
