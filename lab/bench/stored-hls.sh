#!/usr/bin/env bash
# A stored film of two hours over HLS: how soon the playlist and the first segment are there when
# nobody asked before, and how much of the file was read for them.
#
#   sudo lab/bench/stored-hls.sh              about 3 minutes; needs 2 GB in $TMPDIR for a while
#   sudo LOOPS=30 RUNS=3 lab/bench/stored-hls.sh
#
# Settings (environment): LOOPS=300 (times 24 s) RUNS=11 SERVER_CORE=0 CLIENT_CORE=1. Each run has a
# file of its own, so that no plan is known, which an origin keeps; "again" asks the same once more.
# Figures are medians and the worst, in milliseconds; "read" is what the origin's process read.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/lab/bench/lib.sh"
need curl ffmpeg
enter_namespace "$@"
prepare
start_sluice
clip=$root/app/src/main/resources/demo/demo.flv
loops=${LOOPS:-300}
runs=${RUNS:-11}

# film NAME OPTIONS...: the clip many times over, beside the others.
film() {
  local name=$1
  shift
  ffmpeg -nostdin -v error -stream_loop $((loops - 1)) -i "$clip" -c copy "$@" "$work/$name"
}
echo "making films of $((loops * 24 / 60)) minutes" >&2
film indexed.flv -flvflags add_keyframe_index
film bare.flv -flvflags no_metadata
film front.mp4 -movflags +faststart
film behind.mp4

read_bytes() { sed -n 's/^rchar: //p' "/proc/$origin_pid/io"; }

# ask URL FILE: gets it; prints milliseconds. A film without an index is read before it plays.
ask() {
  local try figures
  for try in $(seq 60); do
    figures=$(curl -s -o "$2" -w '%{http_code} %{time_total}' "$1")
    case $figures in
      200*) awk '{ printf "%.1f", $2 * 1000 }' <<<"$figures"; return ;;
      503*) sleep 0.5 ;;
      *) fail "$1: $figures" ;;
    esac
  done
  fail "$1: never there"
}

# A file that is new in the directory is waited for until nobody writes it any more, and is then read
# whole for its hash, which is not what is asked about: waits until the origin reads nothing.
settle() {
  local try before
  sleep 5
  for try in $(seq 300); do
    before=$(read_bytes)
    sleep 2
    if [ $(($(read_bytes) - before)) -lt 100000 ]; then return; fi
  done
  fail "the origin still reads"
}

measure() {
  local source=$1 run name end=${1##*.} list segment before server url
  for run in $(seq "$runs"); do
    for server in 18200 18201; do
      name=$work/origin-files/${source%%.*}-$server-$run.$end
      ln "$work/$source" "$name" 2>/dev/null || cp "$work/$source" "$name"
      curl -sI -o /dev/null "http://127.0.0.1:18200/vod/$(basename "$name")" || true
    done
  done
  settle
  for run in $(seq "$runs"); do
    for server in 18200 18201; do
      name=${source%%.*}-$server-$run
      url=http://127.0.0.1:$server/vod
      before=$(read_bytes)
      list=$(ask "$url/$name.m3u8" "$work/list")
      segment=$(sed -n '/^[^#]/{s/^\.\///;p;q}' "$work/list")
      echo "$source $server playlist $list" >>"$work/results"
      echo "$source $server segment $(ask "$url/$segment" "$work/segment")" >>"$work/results"
      echo "$source $server read $((($(read_bytes) - before) / 1024))" >>"$work/results"
      echo "$source $server again $(ask "$url/$name.m3u8" "$work/list")" >>"$work/results"
    done
  done
  rm "$work/origin-files/${source%%.*}"-*-*."$end" # not before: links of one file change with each other
}

# The first requests of a cold JVM are not what is asked about.
cp "$clip" "$work/origin-files/warm.flv"
for run in $(seq 20); do
  for server in 18200 18201; do ask "http://127.0.0.1:$server/vod/warm.m3u8" /dev/null >/dev/null; done
done
for source in indexed.flv bare.flv front.mp4 behind.mp4; do
  echo "$source: $(($(stat -c %s "$work/$source") >> 20)) MiB" >&2
  measure "$source"
done
python3 - "$work/results" <<'PY'
import statistics, sys
found = {}
for line in open(sys.argv[1]):
    source, server, what, value = line.split()
    found.setdefault((source, server), {}).setdefault(what, []).append(float(value))
print("| film | from | playlist ms | first segment ms | playlist again ms | read KiB |")
print("|---|---|---|---|---|---|")
def both(values):
    return "%.1f (%.1f)" % (statistics.median(values), max(values))
for (source, server), of in found.items():
    where = "origin" if server == "18200" else "edge"
    print("| %s | %s | %s | %s | %s | %d |" % (source, where, both(of["playlist"]),
          both(of["segment"]), both(of["again"]), statistics.median(of["read"])))
PY
