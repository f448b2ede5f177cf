#!/usr/bin/env bash
# Glass to glass: from the making of a picture to the same picture in a real browser, by a clock that
# is burnt into it. Camera (a program), ffmpeg, origin, edge, the embedded player in Chromium.
#
#   sudo lab/bench/glass.sh                  LL-HLS, FLV over HTTP and over a WebSocket: 5 minutes
#   sudo OVER=hls JOINS=5 WATCH=20 lab/bench/glass.sh
#
# Settings (environment):
#   OVER=hls,http,ws   what the player is told to use, one after the other
#   JOINS=20           times the player is opened anew, for the time to the first picture
#   WARM=10 WATCH=60   seconds before, and of, the watching
#   KEEP=DIR           keep the report
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/lab/bench/lib.sh"
over=${OVER:-hls,http,ws}
joins=${JOINS:-20} warm=${WARM:-10} watch=${WATCH:-60}
need ffmpeg chromium
enter_namespace "$@"
prepare

start "$server_core" demo "$sluice" demo
await demo 'Ctrl-C stops everything' 60
limit=$(($(tr -cd , <<<"$over" | wc -c) * (joins * 4 + warm + watch + 20) + joins * 4 + warm + watch + 60))
python3 "$root/lab/bench/glass.py" source "$limit" 2>"$work/source.log" |
  taskset -c "$client_core" ffmpeg -nostdin -v error -f rawvideo -pix_fmt gray -s 640x360 -r 30 \
    -use_wallclock_as_timestamps 1 -i - -f lavfi -i sine=frequency=440:sample_rate=44100 \
    -pix_fmt yuv420p -c:v libx264 -preset veryfast -tune zerolatency -b:v 500k -maxrate 600k \
    -bufsize 300k -g 60 -keyint_min 60 -sc_threshold 0 -c:a aac -b:a 64k -f flv \
    'rtmp://127.0.0.1:1940/live/glass?key=demo' >"$work/ffmpeg.log" 2>&1 &
pids+=("$!")
start "$client_core" harness python3 "$root/lab/bench/glass.py" harness \
  http://127.0.0.1:8080/embed/glass "$work/report.json" "$over" "$joins" "$watch" "$warm"
harness_pid=$pid
await harness '^harness'
page=$(sed -n 's/^harness //p' "$work/harness.log")
# The harness reads the pixels of a page of another origin, hence the two switches.
start "$client_core" chromium env TMPDIR="$work" chromium --headless=new --no-sandbox --disable-gpu \
  --user-data-dir="$work/profile" --disable-web-security --disable-site-isolation-trials \
  --autoplay-policy=no-user-gesture-required --disable-background-networking --no-first-run \
  --remote-debugging-port=0 --window-size=1000,700 "$page"
timeout "$limit" tail --pid="$harness_pid" -f /dev/null || {
  tail -n 5 "$work"/*.log >&2
  fail "no report within $limit s"
}
[ -z "${KEEP:-}" ] || { mkdir -p "$KEEP"; cp "$work/report.json" "$KEEP/glass.json"; }
python3 "$root/lab/bench/glass.py" table "$work/report.json"
