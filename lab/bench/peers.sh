# The servers that the live benchmarks compare: ours and its peers; sourced after lib.sh.
#
# nginx-rtmp is Debian's libnginx-mod-rtmp. SRS is not part of this repository nor of Debian: SRS
# names a binary that you have (figures in docs/benchmarks.md: 6.0.157, -O2, without RTC and SRT).
# TLS=auto, jdk or openssl is whose TLS ours speaks over https and wss.
# Ours is an edge that pulls from an origin. All listen on 127.0.0.1. What starts
# one sets NAME_pids (what is charged), NAME_url (where viewers play) and NAME_publish.

nginx_module=${NGINX_RTMP_MODULE:-/usr/lib/nginx/modules/ngx_rtmp_module.so}

# set_mode MODE: how ours gathers frames; see live-compare.sh. Before start_servers.
set_mode() {
  case $1 in
    default) ;;
    350) EDGE_LIVE='live: { minFlushInterval: 350ms, maxFlushInterval: 350ms }' ;;
    low) EDGE_LIVE='live: { minFlushInterval: 0ms, maxFlushInterval: 0ms }' ;;
    *) fail "MODE: $1 (expected: default, 350 or low)" ;;
  esac
}

# need_server NAME: fails when this one cannot be run here.
need_server() {
  case $1 in
    sluice) ;;
    nginx)
      need nginx
      [ -r "$nginx_module" ] || fail "no nginx-rtmp at $nginx_module: install libnginx-mod-rtmp"
      ;;
    srs)
      [ -x "${SRS:-}" ] || fail "srs: set SRS to an SRS binary, or leave it out"
      ;;
    *) fail "unknown server $1 (expected: sluice, nginx or srs)" ;;
  esac
}

# start_servers MODE PROTOCOL NAME...: starts them, then a publisher for each.
start_servers() {
  local mode=$1 protocol=$2 name
  shift 2
  for name in "$@"; do
    case $name in
      sluice) start_edge "$protocol" ;;
      nginx) start_nginx_rtmp ;;
      srs) start_srs "$mode" "$protocol" ;;
    esac
  done
  start_publishers "$@"
}

# start_publishers NAME...: of the stream live/x, at BITRATE; ids in $publishers.
start_publishers() {
  local name target
  publishers=()
  for name in "$@"; do
    target=${name}_publish
    publish "$name" "${!target}"
    publishers+=("$pid")
  done
}

end_publishers() {
  local id
  for id in "${publishers[@]}"; do end "$id"; done
}

start_edge() {
  case $1 in
    https | wss)
      make_certificate
      EDGE_LIVE+=$'\n'$(tls_yaml 18443 "${TLS:-auto}")
      ;;
  esac
  start_sluice
  sluice_pids=$edge_pid
  sluice_publish="rtmp://127.0.0.1:19350/live/x?key=$secret"
  case $1 in
    rtmp) sluice_url=rtmp://127.0.0.1:19351/live/x ;;
    http | ws) sluice_url=$1://127.0.0.1:18201/live/x.flv ;;
    https | wss) sluice_url=$1://127.0.0.1:18443/live/x.flv ;;
    *) fail "PROTOCOL: $1 (expected: rtmp, http, ws, https or wss)" ;;
  esac
}

start_nginx_rtmp() {
  cat >"$work/nginx.conf" <<CONF
load_module $nginx_module;
error_log $work/nginx-error.log warn;
worker_rlimit_nofile 20000;
events { worker_connections 16000; }
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
  nginx_url=rtmp://127.0.0.1:19360/live/x
  nginx_publish=$nginx_url
}

# start_srs MODE PROTOCOL: merging of 350 ms as by default, or none for MODE=low.
start_srs() {
  local low=off merge=350 messages=8
  if [ "$1" = low ]; then low=on merge=0 messages=0; fi
  mkdir "$work/srs-html"
  cat >"$work/srs.conf" <<CONF
listen 127.0.0.1:19370;
max_connections 16000;
daemon off;
srs_log_tank file;
srs_log_file $work/srs-server.log;
srs_log_level_v2 warn;
pid $work/srs.pid;
http_server { enabled on; listen 127.0.0.1:18370; dir $work/srs-html; }
http_api { enabled off; }
rtc_server { enabled off; }
stats { network 0; }
vhost __defaultVhost__ {
  tcp_nodelay $low;
  min_latency $low;
  play { gop_cache on; queue_length 10; mw_latency $merge; mw_msgs $messages; }
  http_remux { enabled on; mount [vhost]/[app]/[stream].flv; guess_has_av off; }
}
CONF
  start "$server_core" srs env -C "$work" "$SRS" -c "$work/srs.conf"
  srs_pids=$pid
  await_port 19370 srs
  srs_publish=rtmp://127.0.0.1:19370/live/x
  case $2 in
    rtmp) srs_url=rtmp://127.0.0.1:19370/live/x ;;
    http) srs_url=http://127.0.0.1:18370/live/x.flv ;;
  esac
}

# await_port PORT NAME: waits until something listens there.
await_port() {
  local try
  for try in $(seq 120); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return 0; fi
    sleep 0.25
  done
  cat "$work/$2"*.log >&2
  fail "$2 did not start"
}
