# What the benchmark scripts share; sourced, not run. Each script sets `root` before.
#
# Everything runs in a private network namespace whose loopback uses cubic: the host's ports stay
# free, and with BBR the figures would be noise (docs/benchmarks.md). Every process that was started
# is ended by its id when the script ends, however it ends.

server_core=${SERVER_CORE:-0}   # the measured server, alone
client_core=${CLIENT_CORE:-1}   # load generator, publishers, origin
sluice=${SLUICE:-$root/sluice}  # or the launcher of another build, to compare
pids=()
secret=bench-in-a-namespace-of-its-own # the stream key and the admin token of what is measured

fail() { echo "$(basename "$0"): $*" >&2; exit 1; }

need() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null 2>&1 || fail "$tool is not installed"
  done
}

# enter_namespace ARGS: builds what is stale, then runs the script again inside the namespace.
enter_namespace() {
  [ -z "${SLUICE_BENCH_INSIDE:-}" ] || return 0
  [ "$(uname -s)" = Linux ] || fail "needs Linux"
  need unshare ip taskset timeout python3
  [ "$(id -u)" = 0 ] || fail "needs root to make a private network namespace (unshare -n): use sudo"
  [ "$(nproc)" -ge 2 ] || fail "needs two cores: one for the server, one for the load"
  "$sluice" --version >/dev/null || fail "sluice could not be built"
  SLUICE_BENCH_INSIDE=1 exec unshare -n bash -c '
    ip link set lo up
    for net in 127.0.0.0/8 127.0.0.1; do
      ip route replace local $net dev lo table local proto kernel scope host src 127.0.0.1 \
        congctl cubic
    done
    exec "$@"' _ "$0" "$@"
}

# Makes $work and arranges that it and all that was started goes at the end.
prepare() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/sluice-bench.XXXXXX")
  chmod 755 "$work"
  trap cleanup EXIT
  trap 'exit 130' INT TERM
  ulimit -n "$(ulimit -Hn)"
}

cleanup() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do
    timeout 10 tail --pid="$pid" -f /dev/null || kill -9 "$pid" 2>/dev/null || true
  done
  rm -rf "$work"
}

# start CORE NAME COMMAND...: runs it on that core, output in $work/NAME.log, id in $pid.
start() {
  local core=$1 name=$2
  shift 2
  taskset -c "$core" "$@" >"$work/$name.log" 2>&1 &
  pid=$!
  pids+=("$pid")
}

# await NAME PATTERN [SECONDS]: waits until the log of the process last started shows a line.
await() {
  local try
  for try in $(seq $((4 * ${3:-30}))); do
    if grep -qs "$2" "$work/$1.log"; then return 0; fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.25
  done
  cat "$work/$1.log" >&2
  fail "$1 did not start"
}

# start_nginx PREFIX-CONFIG: nginx with this configuration; ids of master and worker in $nginx_pids.
start_nginx() {
  need nginx
  start "$server_core" nginx nginx -p "$work" -c "$1" -e "$work/nginx-error.log" \
    -g "daemon off; user root; pid $work/nginx.pid; worker_processes 1;"
  local master=$pid try
  for try in $(seq 40); do
    nginx_worker=$(cat "/proc/$master/task/$master/children" 2>/dev/null || true)
    if [ -s "$work/nginx.pid" ] && [ -n "$nginx_worker" ]; then break; fi
    sleep 0.25
  done
  [ -n "$nginx_worker" ] || { cat "$work"/nginx*.log >&2; fail "nginx did not start"; }
  nginx_worker=${nginx_worker%% }
  nginx_pids="$master,${nginx_worker// /,}"
}

# end PID: ends a process that was started before the script does, and waits for it.
end() {
  kill "$1"
  timeout 20 tail --pid="$1" -f /dev/null || kill -9 "$1"
}

# tls_yaml PORT PROVIDER: the lines of configuration for TLS on that port, after make_certificate.
tls_yaml() {
  printf 'https: { enabled: true, bind: 127.0.0.1, port: %s }\n' "$1"
  printf 'tls: { certificate: %s, key: %s, provider: %s }\n' "$work/edge.pem" "$work/edge.key" "$2"
}

# start_sluice: an origin on the client's core and an edge on the server's; ids in $origin_pid and
# $edge_pid. EDGE_LIVE, lines of YAML, adds to the edge's configuration; EDGE_RTMP, as ", key: value",
# to its rtmp.
start_sluice() {
  cat >"$work/origin.yaml" <<YAML
id: bench-origin
http: { bind: 127.0.0.1, port: 18200 }
rtmp: { bind: 127.0.0.1, port: 19350 }
adminToken: $secret
streamKeys: { "*": $secret }
files: { directory: $work/origin-files, cacheControl: "public, max-age=3600" }
YAML
  cat >"$work/edge.yaml" <<YAML
id: bench-edge
http: { bind: 127.0.0.1, port: 18201 }
rtmp: { bind: 127.0.0.1, port: 19351${EDGE_RTMP:-} }
origins: [ "http://127.0.0.1:18200" ]
relay: { origins: [ "127.0.0.1:19350" ] }
cache: { dir: $work/edge-cache, size: ${CACHE_SIZE:-64MiB} }
${EDGE_LIVE:-}
YAML
  chmod 600 "$work/origin.yaml"
  start "$client_core" origin "$sluice" origin --config "$work/origin.yaml"
  origin_pid=$pid
  await origin '^ready'
  start "$server_core" edge "$sluice" edge --config "$work/edge.yaml"
  edge_pid=$pid
  await edge '^ready'
}

# publish NAME URL: the synthetic stream, until the end.
publish() {
  start "$client_core" "publish-$1" "$sluice" bench publish --url "$2" \
    --bitrate "${BITRATE:-500k}"
  await "publish-$1" '^publishing'
}

# live FILE URL VIEWERS PIDS: one run of the load generator, its report in FILE.
live() {
  local log=$work/${LOG:-live}.log
  taskset -c "$client_core" timeout "${LIVE_LIMIT:-300}" "$sluice" bench live --url "$2" -n "$3" \
    --pid "$4" --duration "${WINDOW:-24s}" --warmup "${WARMUP:-5s}" --ramp "${RAMP:-400/s}" \
    --sources "${SOURCES:-127.0.1.0/24}" --latency --json >"$1" 2>"$log" \
    || { cat "$log" >&2; fail "the run $(basename "$1" .json) failed"; }
}

# hls FILE URL VIEWERS PIDS OPTIONS...: one run of the HLS players, its report in FILE.
hls() {
  local file=$1 url=$2 count=$3 servers=$4 log=$work/hls.log
  shift 4
  SLUICE_JAVA_OPTS="-Xmx3g -Dio.netty.machineId=00:00:00:00:00:01" taskset -c "$client_core" \
    timeout "${LIVE_LIMIT:-300}" "$sluice" bench hls --url "$url" -n "$count" --pid "$servers" \
    --duration "${WINDOW:-24s}" --warmup "${WARMUP:-5s}" --ramp "${RAMP:-400/s}" \
    --sources "${SOURCES:-127.0.1.0/24}" "$@" --json >"$file" 2>"$log" \
    || { cat "$log" >&2; fail "the run $(basename "$file" .json) failed"; }
}

# make_certificate: of elliptic curves and for 127.0.0.1, in $work/edge.pem and edge.key.
make_certificate() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
    -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$work/edge.key" -out "$work/edge.pem" 2>/dev/null || fail "openssl made no certificate"
  chmod 600 "$work/edge.key"
}

# report [OURS]: the table of all runs, and what OURS costs of the others; KEEP=DIR keeps the reports.
report() {
  local reports=${runs:-$work/runs}
  python3 "$root/lab/bench/table.py" "$reports" "$@"
  [ -z "${KEEP:-}" ] || { mkdir -p "$KEEP"; cp "$reports"/*.json "$KEEP"; }
}

# CPU seconds of processes (comma separated) so far, threads that ended included.
cpu_seconds() {
  local pid ticks=0 fields
  for pid in ${1//,/ }; do
    fields=$(sed 's/.*) //' "/proc/$pid/stat") || fail "process $pid is gone"
    # shellcheck disable=SC2086
    set -- $fields
    ticks=$((ticks + ${12} + ${13}))
  done
  awk "BEGIN { printf \"%.2f\", $ticks / 100 }"
}
