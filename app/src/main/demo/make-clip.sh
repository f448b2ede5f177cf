#!/bin/sh
# Makes the demo clip: demo.flv, 24 s that repeat for ever without a seam.
#
#   make-clip.sh [OUTPUT]        (default: ../resources/demo/demo.flv beside this script)
#
# Needs ffmpeg with libx264 and drawtext, and a monospaced font (FONT=/path/to.ttf).
# The clip is committed; nobody needs to run this to build or run Sluice.
#
# Why it loops without a seam (period P = 24000 ms exactly):
#   video  600 frames at 25/s, a keyframe each 50 frames (2 s), closed GOPs, decode times 0..P-40;
#          presentation is 40 ms later, because of the B-frames
#   audio  1125 AAC frames of 1024 samples at 48 kHz are P exactly; the signal repeats each second
#          and the frames are cut out of the middle of a longer encoding, so that the last leads
#          into the first: there is no encoder start-up silence at the join
#   so a publisher adds P to each timestamp per round.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/../resources/demo/demo.flv}
font=${FONT:-$(fc-match -f '%{file}' 'monospace:bold')}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Picture: test pattern, a clock, a frame counter, and a white square that flashes with each beep.
text="fontfile=$font:fontcolor=white:box=1:boxcolor=black@0.72"
ffmpeg -v error -y -f lavfi -i "testsrc2=size=640x360:rate=25:duration=24" \
  -vf "drawtext=$text:boxborderw=10:fontsize=44:x=(w-tw)/2:y=128:text='%{pts\:hms}',\
drawtext=$text:boxborderw=8:fontsize=24:x=(w-tw)/2:y=200:text='frame %{eif\:n\:d\:3} of 600',\
drawtext=$text:boxborderw=8:fontsize=24:x=20:y=h-th-20:text='sluice demo',\
drawbox=x=580:y=300:w=44:h=44:color=black:t=fill,\
drawbox=x=584:y=304:w=36:h=36:color=white:t=fill:enable='lt(mod(t+0.001,1),0.12)',format=yuv420p" \
  -c:v libx264 -profile:v main -level 3.0 -preset veryslow -b:v 436k -maxrate 600k -bufsize 600k \
  -x264-params "keyint=50:min-keyint=50:scenecut=0:bframes=2:b-pyramid=none:open-gop=0:threads=1" \
  "$tmp/video.mp4"

# Sound: a soft chord with a beep at each whole second. 40 ms late, as the picture is, and one AAC
# frame early, because a decoder gives out each frame one frame after it was put in.
phase="mod(t+1-0.04+1024/48000,1)"
ffmpeg -v error -y -f lavfi -i "aevalsrc=s=48000:d=40:exprs='0.04*sin(2*PI*220*t)\
+0.03*sin(2*PI*330*t)+0.25*sin(2*PI*880*$phase)*lt($phase,0.12)'" \
  -c:a aac -b:a 64k -ac 1 "$tmp/long.m4a"

# 8 s are 375 whole AAC frames, so frame 375 is in step with frame 0: keep frames 375 to 1499.
ffmpeg -v error -y -i "$tmp/long.m4a" -c copy \
  -bsf:a "noise=drop='lt(n,375)+gte(n,1500)'" "$tmp/audio.mkv"

ffmpeg -v error -y -itsoffset 0.04 -i "$tmp/video.mp4" -i "$tmp/audio.mkv" -map 0:v -map 1:a -c copy \
  -bsf:a "setts=ts=round(N*1024/48000/TB)" -avoid_negative_ts disabled -map_metadata -1 \
  -fflags +bitexact -flvflags no_sequence_end+add_keyframe_index -f flv "$tmp/demo.flv"
mv "$tmp/demo.flv" "$out"
ls -l "$out"
