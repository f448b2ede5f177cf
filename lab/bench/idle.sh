#!/usr/bin/env bash
# 10,000 connections that do nothing, at an edge with a stream: what they cost, whether a viewer
# still gets its picture, and when each is closed.
#
#   sudo lab/bench/idle.sh                    about 2 minutes
#
# Five kinds, as many of each: RTMP port, open and silent; RTMP, half a handshake; RTMP, the handshake
# done and silent; HTTP port, open and silent; HTTP, one request answered and kept alive. While they
# are there, 20 viewers come and play. Exit code 1 if a connection could not be made, was not closed
# within 5 s of its deadline (live.commandTimeout, http.idleTimeout), or a viewer did not play.
#
# Settings (environment): CONNECTIONS=10000 RATE=2000 (opened per second) SERVER_CORE=0 CLIENT_CORE=1
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/lab/bench/lib.sh"
. "$root/lab/bench/peers.sh"
need jcmd
enter_namespace "$@"
prepare
EDGE_RTMP=', commandTimeout: 30s' # so that all are there at once for a while
start_servers default rtmp sluice
WARMUP=2s WINDOW=6s live "$work/warm.json" "$sluice_url" 100 "$edge_pid"
start "$client_core" idle python3 "$root/lab/bench/idle.py" "$edge_pid" 19351 18201 \
  "${CONNECTIONS:-10000}" "${RATE:-2000}" 30 60
idle_pid=$pid
await idle '^all are open'
verdict=0
WARMUP=1s WINDOW=5s live "$work/viewers.json" "$sluice_url" 20 "$edge_pid"
wait "$idle_pid" || verdict=1
cat "$work/idle.log"
python3 - "$work/viewers.json" <<'PYTHON' || verdict=1
import json, sys
report = json.load(open(sys.argv[1]))
start, late = report["startupMs"], report["latencyMs"]
print(f"viewers beside them: {report['playing']} of {report['viewers']} play, start-up p50 "
      f"{start['p50']:.0f} max {start['max']:.0f} ms, latency p99 {late['p99']:.0f} ms, frames lost "
      f"{report['sampled']['framesLost']}")
sys.exit(report["playing"] - report["died"] != report["viewers"])
PYTHON
exit "$verdict"
