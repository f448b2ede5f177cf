package dev.sluice.media.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.amf.Amf0;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SegmentMarkTest {
  private static final SegmentMark MARK =
      new SegmentMark(
          1L << 51,
          1_796_000_000_123L,
          1L << 40,
          1_796_000_007L,
          4,
          3,
          true,
          true,
          false,
          2000,
          400,
          1L << 45,
          77,
          (1L << 40) - 1,
          31,
          0xFFFFFFFFL);

  private static final MarkNotes NOTES =
      new MarkNotes(
          List.of(
              new DateRange("ad-7", "com.example.ad", 1_796_000_001_500L, 30_250, Map.of()),
              new DateRange(
                  "t", "", 1, DateRange.OPEN, Map.of("X-TITLE", "G\u00f6ta, \ud83d\ude00"))),
          7_200_000,
          1_796_000_001L,
          List.of(1_796_000_003L, 1_796_000_004L));

  @Test
  void whatIsSaidBesideComesBackToo() {
    SegmentMark mark = MARK.with(NOTES);
    assertThat(SegmentMark.decode(mark.encode())).isEqualTo(mark);
  }

  @Test
  void whatALaterVersionSaysBesideIsPassedOver() {
    ByteBuf body = MARK.with(NOTES).encode();
    Amf0.encode(body, new AmfValue.Num(4));
    Amf0.encode(body, new AmfValue.Str("weather sunny"));
    Amf0.encode(body, new AmfValue.Str("range ID=\"no start\""));
    Amf0.encode(body, new AmfValue.Str("gap x"));
    assertThat(SegmentMark.decode(body)).isEqualTo(MARK.with(NOTES));
  }

  @Test
  void comesBackAsItWentOut() {
    SegmentMark end =
        new SegmentMark(
            1,
            0,
            0,
            0,
            0,
            0,
            false,
            false,
            true,
            0,
            0,
            SegmentMark.NO_AUDIO,
            1,
            SegmentMark.NOTHING_ENDS,
            0,
            0);
    for (SegmentMark mark : List.of(MARK, end)) {
      ByteBuf body = mark.encode();
      int before = body.readableBytes();
      assertThat(SegmentMark.isMark(body)).isTrue();
      assertThat(SegmentMark.decode(body)).isEqualTo(mark);
      assertThat(body.readableBytes()).isEqualTo(before);
    }
  }

  @Test
  void aLaterVersionMayAddNumbers() {
    ByteBuf body = MARK.encode();
    body.writeByte(0).writeDouble(5);
    assertThat(SegmentMark.decode(body)).isEqualTo(MARK);
  }

  @Test
  void whatIsCutShortOrCannotBeTrueIsNoMark() {
    byte[] whole = new byte[MARK.encode().readableBytes()];
    MARK.encode().readBytes(whole);
    for (int length = 0; length < whole.length; length++) {
      assertThat(SegmentMark.decode(Unpooled.wrappedBuffer(whole, 0, length))).isNull();
    }
    int values = whole.length - 15 * 9;
    for (int number = 0; number < 15; number++) {
      for (double wrong : new double[] {-2, 0.5, 1e300, Double.NaN, Double.POSITIVE_INFINITY}) {
        ByteBuf body = Unpooled.copiedBuffer(whole);
        body.setDouble(values + number * 9 + 1, wrong);
        assertThat(SegmentMark.decode(body)).as("number " + number + " " + wrong).isNull();
      }
    }
  }

  @Test
  void anyDamageIsReadOrRefusedAndNeverThrows() {
    Random random = new Random(9);
    for (int i = 0; i < 20_000; i++) {
      ByteBuf body = MARK.encode();
      for (int damage = random.nextInt(4); damage >= 0; damage--) {
        body.setByte(random.nextInt(body.writerIndex()), random.nextInt(256));
      }
      body.writerIndex(random.nextInt(body.writerIndex() + 1));
      SegmentMark.decode(body);
    }
  }

  @Test
  void equalHeadersHaveOneName() {
    FlvTag video = tag(TagType.VIDEO, 0x17, 0, 0, 0, 0, 1, 2);
    FlvTag audio = tag(TagType.AUDIO, 0xAF, 0, 0x12, 0x10);
    FlvTag other = tag(TagType.AUDIO, 0xAF, 0, 0x11, 0x90);
    long name = SegmentMark.configOf(List.of(video, audio));
    assertThat(name).isBetween(1L, 1L << 52);
    assertThat(SegmentMark.configOf(List.of(video, audio))).isEqualTo(name);
    assertThat(SegmentMark.configOf(List.of(video, other))).isNotEqualTo(name);
    assertThat(SegmentMark.configOf(List.of(video))).isNotEqualTo(name);
  }

  @Test
  void theDigestTellsOneLostOrMovedTag() {
    FlvTag first = tag(TagType.VIDEO, 0x27, 1, 0, 0, 0, 5);
    FlvTag second = tag(TagType.AUDIO, 0xAF, 1, 6);
    PartDigest digest = new PartDigest();
    digest.add(first, 0);
    digest.add(second, -3);
    long both = digest.value();
    assertThat(digest.tags()).isEqualTo(2);
    digest.reset();
    digest.add(first, 0);
    assertThat(digest.value()).isNotEqualTo(both);
    digest.add(second, -2);
    assertThat(digest.value()).isNotEqualTo(both);
    digest.reset();
    digest.add(first, 0);
    digest.add(second, -3);
    assertThat(digest.value()).isEqualTo(both);
  }

  private static FlvTag tag(TagType type, int... body) {
    ByteBuf bytes = Unpooled.buffer();
    for (int b : body) {
      bytes.writeByte(b);
    }
    return new FlvTag(type, 0, bytes);
  }
}
