package dev.sluice.media.rtmp.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Wire;
import dev.sluice.media.access.PublishLimits;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.fixture.Tags;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.ScriptData;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.rtmp.server.PublishBreach.Limit;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class PublishGuardTest {
  /** 640x360, as x264 writes it. */
  private static final String AVC_360P =
      "17 00 000000 01 42C01E FF E1 0019 6742C01EDA0280BFE5C044000003000400000300C83C58BA80"
          + " 01 0004 68CE0FC8";

  private long nowNanos;

  private @Nullable PublishBreach see(PublishGuard guard, FlvTag tag) {
    try {
      return guard.see(tag, nowNanos);
    } finally {
      tag.release();
    }
  }

  private static FlvTag tag(TagType type, String hex) {
    return new FlvTag(type, 0, Unpooled.wrappedBuffer(Wire.hex(hex)));
  }

  private static FlvTag metadata(String name, double value) {
    Map<String, AmfValue> properties = Map.of(name, AmfValue.of(value));
    return new FlvTag(
        TagType.SCRIPT, 0, ScriptData.onMetaData(properties).encode(ByteBufAllocator.DEFAULT));
  }

  private static PublishLimits size(int width, int height) {
    return new PublishLimits(0, Set.of(), width, height, 0);
  }

  /** The breaches of so many seconds of frames of this size and rate. */
  private List<PublishBreach> run(PublishGuard guard, int seconds, int fps, int bytes) {
    List<PublishBreach> found = new ArrayList<>();
    long startMs = nowNanos / 1_000_000;
    for (int i = 0; i < seconds * fps; i++) {
      nowNanos += 1_000_000_000L / fps;
      long ms = startMs + i * 1000L / fps;
      PublishBreach breach =
          see(guard, i == 0 ? Tags.keyframe(ms, i, bytes) : Tags.inter(ms, i, bytes));
      if (breach != null) {
        found.add(breach);
      }
    }
    return found;
  }

  @Test
  void aCodecThatIsNotListedIsStoppedAtItsHeader() {
    PublishGuard guard = new PublishGuard(new PublishLimits(0, Set.of("h265", "aac"), 0, 0, 0));
    assertThat(see(guard, Tags.aacHeader())).isNull();
    PublishBreach breach = Objects.requireNonNull(see(guard, tag(TagType.VIDEO, AVC_360P)));
    assertThat(breach.limit()).isEqualTo(Limit.CODEC);
    assertThat(breach.fatal()).isTrue();
    assertThat(breach.advice()).contains("h264").contains("aac, h265");
  }

  @Test
  void aPictureLargerThanAllowedIsStoppedAtItsHeader() {
    assertThat(see(new PublishGuard(size(640, 360)), tag(TagType.VIDEO, AVC_360P))).isNull();
    assertThat(see(new PublishGuard(size(0, 360)), tag(TagType.VIDEO, AVC_360P))).isNull();
    PublishBreach wide =
        Objects.requireNonNull(see(new PublishGuard(size(639, 0)), tag(TagType.VIDEO, AVC_360P)));
    assertThat(wide.limit()).isEqualTo(Limit.RESOLUTION);
    assertThat(wide.advice()).isEqualTo("the picture is 640x360 where at most 639xany is allowed");
    assertThat(see(new PublishGuard(size(0, 359)), tag(TagType.VIDEO, AVC_360P))).isNotNull();
  }

  @Test
  void metadataTellsTheSizeWhereTheHeaderDoesNot() {
    PublishGuard guard = new PublishGuard(size(1280, 720));
    assertThat(see(guard, metadata("width", 1920))).isNull();
    // Enhanced RTMP, sequence start, av01, marker and version, profile and level, flags
    PublishBreach breach = see(guard, tag(TagType.VIDEO, "90 61763031 81 08 0C 00"));
    assertThat(Objects.requireNonNull(breach).advice()).contains("1920x0");
  }

  @Test
  void aRateIsWarnedOfTwiceAndThenEndsIt() {
    PublishGuard guard = new PublishGuard(new PublishLimits(1_000_000, Set.of(), 0, 0, 0));
    List<PublishBreach> found = run(guard, 16, 25, 10_000); // 2 Mbit/s
    assertThat(found).extracting(PublishBreach::fatal).containsExactly(false, false, true);
    assertThat(found.getFirst().limit()).isEqualTo(Limit.BITRATE);
    assertThat(found.getFirst().advice()).contains("2000 kbit/s").contains("1000");
  }

  @Test
  void oneBurstAfterAPauseIsForgiven() {
    PublishGuard guard = new PublishGuard(new PublishLimits(1_000_000, Set.of(), 0, 0, 0));
    for (int i = 0; i < 5; i++) {
      assertThat(run(guard, 7, 25, 8_000)).extracting(PublishBreach::fatal).containsOnly(false);
      assertThat(run(guard, 23, 25, 3_000)).extracting(PublishBreach::fatal).doesNotContain(true);
    }
  }

  @Test
  void aFrameRateIsMeasuredByTheFramesTimes() {
    PublishGuard guard = new PublishGuard(new PublishLimits(0, Set.of(), 0, 0, 30));
    assertThat(run(guard, 20, 30, 100)).isEmpty();
    PublishGuard strict = new PublishGuard(new PublishLimits(0, Set.of(), 0, 0, 30));
    List<PublishBreach> found = run(strict, 17, 60, 100);
    assertThat(found).extracting(PublishBreach::fatal).containsExactly(false, false, true);
    assertThat(found.getFirst().advice()).contains("60.0 frames").contains("30");
  }

  @Test
  void aFrameRateThatIsAnnouncedIsBelieved() {
    PublishGuard guard = new PublishGuard(new PublishLimits(0, Set.of(), 0, 0, 30));
    assertThat(see(guard, metadata("framerate", 30))).isNull();
    PublishBreach breach = Objects.requireNonNull(see(guard, metadata("framerate", 60)));
    assertThat(breach.limit()).isEqualTo(Limit.FRAME_RATE);
    assertThat(breach.fatal()).isTrue();
  }

  @Test
  void timesThatJumpMakeNoFrameRate() {
    PublishGuard guard = new PublishGuard(new PublishLimits(0, Set.of(), 0, 0, 30));
    for (int i = 0; i < 1000; i++) {
      long ms = i % 2 == 0 ? i * 40L : 4_000_000_000L - i * 40L;
      assertThat(see(guard, Tags.inter(ms, i, 100))).isNull();
    }
  }

  @Test
  void emptyAndBrokenTagsHarmNothing() {
    PublishGuard guard =
        new PublishGuard(new PublishLimits(1000, Set.of("h264", "aac"), 100, 100, 30));
    assertThat(see(guard, tag(TagType.VIDEO, ""))).isNull();
    assertThat(see(guard, tag(TagType.AUDIO, ""))).isNull();
    assertThat(see(guard, tag(TagType.SCRIPT, "02 00"))).isNull();
    assertThat(see(guard, tag(TagType.VIDEO, "17"))).isNull();
  }
}
