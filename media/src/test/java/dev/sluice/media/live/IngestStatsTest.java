package dev.sluice.media.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Wire;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.fixture.Tags;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.ScriptData;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.live.timeline.Tracks;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBufAllocator;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class IngestStatsTest {
  private final IngestStats stats = new IngestStats();
  private long nowNanos = 1;

  @Test
  void settlesWhenBothTracksCame() {
    see(Tags.avcHeader(30));
    assertThat(stats.tracks()).isEqualTo(new Tracks(false, true, false));
    see(Tags.aacHeader());
    assertThat(stats.tracks()).isEqualTo(new Tracks(true, true, true));
  }

  @Test
  void settlesOnOneTrackWhenMetadataNamesOnlyThat() {
    metadata(Tags.metadata("videocodecid"));
    see(Tags.avcHeader(30));
    assertThat(stats.tracks()).isEqualTo(new Tracks(false, true, true));
  }

  @Test
  void waitsForATrackThatMetadataNames() {
    metadata(Tags.metadata("videocodecid", "audiocodecid"));
    see(Tags.aacHeader());
    assertThat(stats.tracks().settled()).isFalse();
    stats.settle();
    assertThat(stats.tracks()).isEqualTo(new Tracks(true, false, true));
  }

  @Test
  void measuresRates() {
    for (int i = 0; i <= 50; i++) {
      see(i % 25 == 0 ? Tags.keyframe(i * 40L, i, 1_000) : Tags.inter(i * 40L, i, 1_000));
      nowNanos += 40_000_000;
    }
    IngestRates.Snapshot now = stats.snapshot(nowNanos).rates();
    assertThat(now.bitsPerSecond()).isBetween(190_000L, 210_000L);
    assertThat(now.framesPerSecond()).isBetween(24.0, 26.5);
    assertThat(now.gopMs()).isEqualTo(1_000);
    assertThat(now.bytesReceived()).isEqualTo(51_000);
    assertThat(stats.snapshot(nowNanos + 10_000_000_000L).rates().bitsPerSecond()).isZero();
  }

  @Test
  void takesTheDurationOutOfMetadata() {
    FlvTag tag = Tags.metadata("videocodecid");
    ScriptData forViewers = Objects.requireNonNull(stats.metadata(tag));
    tag.release();
    Map<String, AmfValue> properties = forViewers.properties();
    assertThat(properties).containsKey("videocodecid").doesNotContainKey("duration");
  }

  @Test
  void takesThePictureSizeFromMetadataWhenTheHeaderDoesNotTellIt() {
    metadata(sized(1920, 1080));
    assertThat(stats.snapshot(nowNanos).codecs().size().width()).as("no picture yet").isZero();
    see(new FlvTag(TagType.VIDEO, 0, Wire.buffer(Wire.hex("90 76703039 00"))));
    assertThat(stats.snapshot(nowNanos).codecs().video()).isEqualTo("vp9");
    assertThat(stats.snapshot(nowNanos).codecs().size().width()).isEqualTo(1920);
    assertThat(stats.snapshot(nowNanos).codecs().size().height()).isEqualTo(1080);
    metadata(Tags.metadata("videocodecid"));
    assertThat(stats.snapshot(nowNanos).codecs().size().height()).as("told once").isEqualTo(1080);
    metadata(sized(1e9, -1));
    assertThat(stats.snapshot(nowNanos).codecs().size().width()).as("not believed").isEqualTo(1920);
    stats.anotherPublisher();
    assertThat(stats.snapshot(nowNanos).codecs().size().width()).as("another encoder's").isZero();
  }

  private static FlvTag sized(double width, double height) {
    Map<String, AmfValue> properties =
        Map.of("width", AmfValue.of(width), "height", AmfValue.of(height));
    return new FlvTag(
        TagType.SCRIPT, 0, ScriptData.onMetaData(properties).encode(ByteBufAllocator.DEFAULT));
  }

  private void metadata(FlvTag tag) {
    stats.metadata(tag);
    tag.release();
  }

  private void see(FlvTag tag) {
    stats.see(tag, nowNanos);
    tag.release();
  }
}
