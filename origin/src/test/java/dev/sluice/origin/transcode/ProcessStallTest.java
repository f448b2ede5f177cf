package dev.sluice.origin.transcode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.chassis.config.Bitrate;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Which processes of the ladder hang, and which have nothing to do. */
class ProcessStallTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final int LIMIT = (int) ProcessStall.LIMIT.toSeconds();

  private final ProcessStall stall = new ProcessStall(0);
  private long second;
  private long sent;
  private long given;

  /** A second in which so many bytes went in and came out. */
  private boolean hangs(int in, int out) {
    sent += in;
    given += out;
    return stall.hangs(sent, given, second++ * SECOND);
  }

  private boolean ever(int seconds, int in, int out) {
    boolean ever = false;
    for (int i = 0; i < seconds; i++) {
      ever |= hangs(in, out);
    }
    return ever;
  }

  /** Its viewers saw the same picture until somebody ended it. */
  @Test
  void oneThatTakesOrLeavesMediaAndGivesNothingHangs() {
    assertThat(ever(100, 1000, 500)).isFalse();
    assertThat(ever(LIMIT - 1, 1000, 0)).isFalse();
    assertThat(hangs(1000, 0)).isTrue();
  }

  @Test
  void oneThatNeverGaveAnythingHangsToo() {
    assertThat(ever(LIMIT, 1000, 0)).isFalse();
    assertThat(hangs(1000, 0)).isTrue();
  }

  @Test
  void oneWhoseSourceIsQuietDoesNot() {
    assertThat(ever(5, 1000, 500)).isFalse();
    assertThat(ever(2, 1000, 0)).isFalse();
    assertThat(ever(1000, 0, 0)).isFalse();
  }

  @Test
  void oneWhoseSourceComesBackHasItsTime() {
    assertThat(ever(10, 1000, 500)).isFalse();
    assertThat(hangs(1000, 0)).isFalse();
    assertThat(ever(15, 0, 0)).isFalse();
    assertThat(ever(LIMIT, 1000, 0)).isFalse();
    assertThat(hangs(1000, 0)).isTrue();
  }

  @Test
  void oneThatIsSlowButGivesDoesNot() {
    for (int i = 0; i < 50; i++) {
      assertThat(ever(LIMIT - 2, 1000, 0)).isFalse();
      assertThat(hangs(1000, 1)).isFalse();
    }
  }

  /** The encoder refuses it, and was started again and again to do so. */
  @Test
  void aPictureOfAnOddHeightIsRefusedAtTheStart() {
    assertThatThrownBy(() -> new RungConfig(481, Bitrate.parse("1Mbit/s")))
        .hasMessage("height: 481 (expected: an even number)");
  }
}
