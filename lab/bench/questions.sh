#!/usr/bin/env bash
# Questions that nobody follows, against the demo: names and redirects by the thousand, from one
# source and from many, and whether clients that ask beside them keep their edge.
#
#   sudo lab/bench/questions.sh               about 3 minutes
#   sudo SECONDS_EACH=10 lab/bench/questions.sh
#
# Settings (environment): SECONDS_EACH=60 NAMES=20000 REDIRECTS=5000 (per second) SOURCES=8 (of names,
# in the second part) ZONE=cdn.example SERVER_CORE=0 CLIENT_CORE=1. Needs dnsperf, wrk, kdig and curl
# (Debian: dnsperf, wrk, knot-dnsutils, curl). Exit code 1 if a question was not answered, or answered
# with "nobody", or a client was sent to another edge.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/lab/bench/lib.sh"
need dnsperf wrk kdig curl
enter_namespace "$@"
prepare
seconds=${SECONDS_EACH:-60}
names=${NAMES:-20000}
sources=${SOURCES:-8}
balancer=http://127.0.0.1:8080
start "$server_core" demo "$sluice" demo --data "$work/data"
await demo '^ready'
zone=${ZONE:-$(curl -s "$balancer/api/node" | sed -n 's/.*"zone":"\([^"]*\)".*/\1/p')}
[ -n "$zone" ] || fail "the demo answers for no zone"
printf '%s A\n' "$zone" >"$work/names"
cat >"$work/redirects.lua" <<LUA
wait = 1000 * 64 / ${REDIRECTS:-5000}
function delay() return math.random() * 2 * wait end
other = 0
function response(status) if status ~= 302 then other = other + 1 end end
function setup(thread) one = thread end
function done(summary)
  io.write(string.format("redirects %d in %.0f s, other answers %d, errors %d\n", summary.requests,
    summary.duration / 1e6, one:get("other"), summary.errors.connect + summary.errors.read
    + summary.errors.write + summary.errors.timeout))
end
LUA

# What five clients are told by DNS (by their subnet) and by HTTP (by their address).
told() {
  local i
  for i in 1 2 3 4 5; do
    kdig @127.0.0.1 -p 8053 +short +subnet="203.0.$i.0/24" "$zone" A | tr '\n' ' ' || true
    curl -s -o /dev/null -w '%{http_code} %{redirect_url}\n' --interface "127.0.$((10 + i)).1" \
      "$balancer/live/demo.flv" || true
  done
}

verdict=0
for part in 1 "$sources"; do
  echo "names from $part sources, redirects from one: $seconds s" >&2
  told >"$work/before"
  cat "$work/before" >&2
  waits=()
  for ((i = 1; i <= part; i++)); do
    taskset -c "$client_core" dnsperf -s 127.0.0.1 -p 8053 -a "127.0.$((100 + i)).1" \
      -d "$work/names" -l "$seconds" -Q $((names / part)) -q 500 >"$work/dnsperf-$i.log" 2>&1 &
    waits+=($!)
  done
  taskset -c "$client_core" wrk -t1 -c64 -d "${seconds}s" --timeout 10s \
    -s "$work/redirects.lua" "$balancer/live/demo.flv" >"$work/wrk.log" 2>&1 &
  waits+=($!)
  moved=0
  asked=0
  while kill -0 "${waits[0]}" 2>/dev/null; do
    sleep 1
    told >"$work/now"
    asked=$((asked + 1))
    if ! cmp -s "$work/before" "$work/now"; then
      moved=$((moved + 1))
      diff "$work/before" "$work/now" >&2 || true
    fi
  done
  for pid in "${waits[@]}"; do wait "$pid" || verdict=1; done
  for ((i = 1; i <= part; i++)); do
    grep -E 'Queries (sent|completed|lost)|Response codes|Queries per second' "$work/dnsperf-$i.log"
    grep -q 'Response codes: *NOERROR [0-9]* (100.00%)' "$work/dnsperf-$i.log" || verdict=1
  done
  grep redirects "$work/wrk.log" || { cat "$work/wrk.log"; verdict=1; }
  grep -q 'other answers 0, errors 0' "$work/wrk.log" || verdict=1
  echo "five clients asked $asked times beside them: another answer $moved times"
  [ "$moved" = 0 ] || verdict=1
done
exit "$verdict"
