#!/usr/bin/env bash
# Files that are hits: a Sluice edge against nginx's static sendfile, taking turns, driven by wrk.
#
#   sudo lab/bench/file-compare.sh            about 6 minutes; needs 7 GB in $TMPDIR for a while
#   sudo COUNT=100 BIG_MIB=200 PAIRS=1 SECONDS_EACH=3 lab/bench/file-compare.sh
#
# Settings (environment): MODES="big small range" PAIRS=3 SECONDS_EACH=6 WARM_SECONDS=12
# CONNECTIONS=64 COUNT=1000
# (files of 1 MiB) BIG_MIB=1024 SERVER_CORE=0 CLIENT_CORE=1. All files are fetched once before the
# first window, so that they are in the page cache and the edge answers from its disk cache.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/lab/bench/lib.sh"
need wrk curl nginx
enter_namespace "$@"
prepare
count=${COUNT:-1000}
big=${BIG_MIB:-1024}
export COUNT=$count
CACHE_SIZE=$((count * 2 + big * 2 + 256))MiB   # slices of 2 MiB hold one small file each

mkdir -p "$work/html/s"
head -c "${big}M" /dev/urandom >"$work/html/big.bin"
head -c "${count}M" /dev/urandom | split -b 1M -a 4 -d --additional-suffix=.bin - "$work/html/s/n"
for i in $(seq 0 $((count - 1))); do
  mv "$(printf '%s/html/s/n%04d.bin' "$work" "$i")" "$work/html/s/$i.bin"
done

cat >"$work/nginx.conf" <<CONF
error_log $work/nginx-error.log warn;
worker_rlimit_nofile 20000;
events { worker_connections 10000; }
http {
  access_log off; sendfile on; tcp_nopush off; keepalive_requests 1000000;
  open_file_cache max=5000 inactive=300s; open_file_cache_valid 300s;
  client_body_temp_path $work/t1; proxy_temp_path $work/t2; fastcgi_temp_path $work/t3;
  uwsgi_temp_path $work/t4; scgi_temp_path $work/t5;
  server { listen 127.0.0.1:18100 backlog=1024; root $work/html; expires 1h; }
}
CONF
start_nginx "$work/nginx.conf"
start_sluice
nginx_url=http://127.0.0.1:18100
edge_url=http://127.0.0.1:18201

echo "storing and fetching $count files of 1 MiB and one of $big MiB" >&2
paths() { echo big.bin; for i in $(seq 0 $((count - 1))); do echo "s/$i.bin"; done; }
paths | while read -r path; do
  printf 'next\nurl = http://127.0.0.1:18200/vod/%s\nupload-file = %s\nheader = "Authorization: Bearer %s"\noutput = /dev/null\nfail\nsilent\nshow-error\n' \
    "$path" "$work/html/$path" "$secret"
done | sed 1d >"$work/upload"
curl --config "$work/upload" || fail "uploads to the origin failed"
fetch_all() {
  paths | while read -r path; do
    printf 'next\nurl = %s/%s\noutput = /dev/null\nfail\nsilent\nshow-error\n' "$1" "$path"
  done | sed 1d >"$work/fetch"
  curl --config "$work/fetch" || fail "could not fetch all from $1"
}
fetch_all "$nginx_url"
fetch_all "$edge_url/vod"
hit=$(curl -s -o /dev/null -D - "$edge_url/vod/s/0.bin" | tr -d '\r' | grep -iE '^(x-cache|cache-status|age):' || true)
echo "second fetch at the edge: ${hit:-no cache header}" >&2

# measure SERVER MODE PAIR URL PREFIX PIDS [SECONDS]: one window; adds a line to the results.
measure() {
  local before after own figures
  before=$(cpu_seconds "$6")
  own=$( { TIMEFORMAT='%U %S'; time MODE=$2 PREFIX=$5 taskset -c "$client_core" timeout 120 \
    wrk -t1 -c"${CONNECTIONS:-64}" -d"${7:-${SECONDS_EACH:-6}}s" --timeout 30s \
    -s "$root/lab/bench/files.lua" "$4" >"$work/wrk.log"; } 2>&1 ) || fail "wrk: $own"
  after=$(cpu_seconds "$6")
  figures=$(sed -n 's/^FIGURES //p' "$work/wrk.log")
  [ -n "$figures" ] || { cat "$work/wrk.log" >&2; fail "wrk reported nothing"; }
  echo "$1 $2 $3 $before $after $own $figures" >>"$work/results"
}

for mode in ${MODES:-big small range}; do
  echo "$mode: warming up" >&2
  measure warm "$mode" 0 "$edge_url" /vod "$edge_pid" "${WARM_SECONDS:-12}"
  for pair in $(seq "${PAIRS:-3}"); do
    measure nginx "$mode" "$pair" "$nginx_url" "" "$nginx_pids"
    measure sluice "$mode" "$pair" "$edge_url" /vod "$edge_pid"
  done
done
python3 "$root/lab/bench/filetable.py" "$work/results"
