package dev.sluice.media.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** What holds whatever a publisher sends. */
class SegmenterPropertyTest {
  private static final int STREAMS = 2_000;

  @Test
  void everyStreamIsCutByTheRules() {
    int discontinuities = 0;
    for (int seed = 0; seed < STREAMS; seed++) {
      Tape tape = new Tape();
      try {
        play(tape, new Random(seed));
        tape.check();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("stream of seed " + seed, e);
      }
      discontinuities += (int) tape.marks.stream().filter(SegmentMark::discontinuous).count();
    }
    assertThat(discontinuities).isPositive();
  }

  /** Frames of uneven length, pauses, skew, silence, ends; all times rounded, as FLV has them. */
  private static void play(Tape tape, Random random) {
    boolean video = random.nextInt(5) > 0;
    boolean audio = !video || random.nextInt(5) > 0;
    double frameMs = 1000 / (1 + random.nextInt(60) * (random.nextInt(4) > 0 ? 1.0 : 0.1));
    double jitter = random.nextInt(3) == 0 ? random.nextDouble() * frameMs : 0;
    int gop = 1 + random.nextInt(random.nextBoolean() ? 100 : 600);
    double skew = random.nextInt(3) == 0 ? random.nextInt(800) - 400 : 0;
    boolean uneventful = random.nextBoolean();
    double videoAt = 0;
    double audioAt = 0;
    long frames = 0;
    long lastVideo = 0;
    long lastAudio = 0;
    tape.headers(video ? Tape.VIDEO : null, audio ? Tape.AAC : null);
    for (int i = 0; i < 3000; i++) {
      boolean pictureNext = video && (!audio || videoAt + skew <= audioAt);
      if (pictureNext) {
        long at = Math.max(lastVideo, Math.round(videoAt + random.nextDouble() * jitter));
        lastVideo = at;
        tape.video(at, frames % gop == 0 || random.nextInt(200) == 0);
        frames++;
        videoAt += frameMs;
      } else {
        lastAudio = Math.max(lastAudio, Math.round(audioAt));
        tape.audio(lastAudio);
        audioAt += 1024 * 1000 / 44100.0;
      }
      if (uneventful) {
        continue;
      }
      switch (random.nextInt(600)) {
        case 0 -> videoAt += random.nextInt(5000);
        case 1 -> audioAt += random.nextInt(3000);
        case 2 -> {
          double ms = random.nextInt(8000);
          videoAt += ms;
          audioAt += ms;
        }
        case 3 -> {
          tape.end();
          tape.headers(video ? Tape.VIDEO : null, audio ? Tape.AAC : null);
          frames = 0;
          videoAt = Math.max(videoAt, audioAt) + 25;
          audioAt = videoAt;
        }
        case 4 -> {
          if (video) {
            tape.headers(
                random.nextBoolean() ? Tape.OTHER_VIDEO : Tape.VIDEO, audio ? Tape.AAC : null);
          }
        }
        default -> {}
      }
    }
  }
}
