#!/usr/bin/env bash
# Random runs of origins and edges in time of their own: is an HLS address the same bytes everywhere?
#
#   lab/bench/equal-bytes.sh                  1000 runs: about 10 minutes of one core
#   RUNS=1 FIRST=4711 lab/bench/equal-bytes.sh    one of them again
#
# Settings (environment): RUNS=1000 FIRST=1 (the seed of the first). A run is EqualBytesTest's: a
# minute of a stream whose publisher comes back, takes over and jumps, with twins, restarts, and
# lines that lose, lag and break. What fails is listed with its seed.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export JAVA_TOOL_OPTIONS="-Dsluice.runs=${RUNS:-1000} -Dsluice.firstSeed=${FIRST:-1}"
exec "$root/sluice" test EqualBytesTest
