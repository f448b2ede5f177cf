package dev.sluice.media.hls.live;

import dev.sluice.media.fixture.Tags;
import dev.sluice.media.flv.FlvTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * An encoder without marks: pictures at 25 a second with keyframes now and then, sound, or both,
 * with a clock of its own that may jump.
 */
final class RandomEncoder {
  private static final int FRAME_MS = 40;
  private static final int[] GOPS = {25, 25, 50, 50, 50, 60, 75, 110, 400};

  /** Of the tracks, which there are. */
  private enum Tracks {
    BOTH,
    PICTURES,
    SOUND
  }

  private final Random random;
  private final Tracks tracks;
  private long clockMs;
  private long audioSamples;
  private int gop = 50;
  private int untilKey;
  private int number;
  private int level = 31;
  private boolean headersDue;

  /** A clock that starts anywhere; nothing was sent. */
  RandomEncoder(Random random) {
    this.random = random;
    int kind = random.nextInt(8);
    this.tracks = kind == 0 ? Tracks.PICTURES : kind == 1 ? Tracks.SOUND : Tracks.BOTH;
    begin(false);
  }

  /** Another connection of it: headers come first, a keyframe begins, times start elsewhere. */
  void begin(boolean otherSettings) {
    clockMs = random.nextBoolean() ? 0 : random.nextInt(1 << 30);
    audioSamples = clockMs * 44_100 / 1000;
    untilKey = 0;
    headersDue = true;
    gop = GOPS[random.nextInt(GOPS.length)];
    if (otherSettings) {
      level = level == 31 ? 40 : 31;
    }
  }

  /** Its clock jumps, forward or back. */
  void jump() {
    long by = random.nextInt(120_000) - 30_000L;
    clockMs = Math.max(0, clockMs + by);
    audioSamples = clockMs * 44_100 / 1000;
  }

  /** Other settings from the next tag on, wherever that is in a GOP. */
  void changeSettings() {
    level = level == 31 ? 40 : 31;
    headersDue = true;
  }

  /** Tags of a time span, with the encoder's times. The caller owns them. */
  List<FlvTag> next(long spanMs) {
    List<FlvTag> out = new ArrayList<>();
    if (headersDue) {
      headersDue = false;
      if (tracks != Tracks.SOUND) {
        out.add(header(Tags.avcHeader(level)));
      }
      if (tracks != Tracks.PICTURES) {
        out.add(header(Tags.aacHeader()));
      }
    }
    for (long until = clockMs + spanMs; clockMs < until; clockMs += FRAME_MS) {
      if (tracks != Tracks.SOUND) {
        out.add(picture());
      }
      for (long at = audioMs();
          tracks != Tracks.PICTURES && at < clockMs + FRAME_MS;
          at = audioMs()) {
        out.add(Tags.audio(at, number++, 60));
        audioSamples += 1024;
      }
    }
    return out;
  }

  private FlvTag header(FlvTag atZero) {
    FlvTag timed = atZero.at(clockMs);
    atZero.release();
    return timed;
  }

  private FlvTag picture() {
    number++;
    if (untilKey-- <= 0) {
      untilKey = gop - 1;
      return Tags.keyframe(clockMs, number, 1200);
    }
    int bytes = 200 + number % 7;
    return number % 3 == 0
        ? Tags.disposable(clockMs, number, bytes)
        : Tags.inter(clockMs, number, bytes);
  }

  private long audioMs() {
    return audioSamples * 1000 / 44_100;
  }
}
