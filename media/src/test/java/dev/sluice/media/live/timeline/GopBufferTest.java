package dev.sluice.media.live.timeline;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tags are letters: header, I, P and audio of track 0; h, i, p and s of track 1. */
@ExtendWith(LeakCheck.class)
class GopBufferTest {
  private static final int BYTES = 100;
  private static final long MS = 1_000_000;

  private final AtomicLong total = new AtomicLong();
  private final List<GopBuffer> buffers = new ArrayList<>();

  private GopBuffer queue(long maxBytes) {
    GopBuffer queue = GopBuffer.queue(maxBytes, 1 << 20, total);
    buffers.add(queue);
    return queue;
  }

  private GopBuffer newest(long maxBytes, long keepMs) {
    GopBuffer newest = GopBuffer.newest(maxBytes, keepMs * MS);
    buffers.add(newest);
    return newest;
  }

  @AfterEach
  void letsGoOfEverything() {
    for (GopBuffer buffer : buffers) {
      buffer.clear();
      assertThat(buffer.bytes()).isZero();
    }
    assertThat(total).hasValue(0);
  }

  /** Adds tags whose times are one apart. */
  private static void add(GopBuffer buffer, String tags, int fromMs) {
    for (int i = 0; i < tags.length(); i++) {
      FlvTag tag = tag(tags.charAt(i), fromMs + i);
      buffer.add(tag, tag.timestampMs() * MS);
      tag.release();
    }
  }

  private static FlvTag tag(char kind, int timeMs) {
    ByteBuf body = ByteBufAllocator.DEFAULT.buffer(BYTES);
    TagType type = TagType.VIDEO;
    switch (kind) {
      case 'H' -> body.writeByte(0x17).writeByte(0);
      case 'I' -> body.writeByte(0x17).writeByte(1);
      case 'P' -> body.writeByte(0x27).writeByte(1);
      case 'h' -> ofTrack1(body, 0x96, 0, "avc1");
      case 'i' -> ofTrack1(body, 0x96, 1, "avc1");
      case 'p' -> ofTrack1(body, 0xA6, 1, "avc1");
      case 'D' -> body.writeByte(0x94).writeBytes("hvc1".getBytes(US_ASCII)); // HDR colours
      case 'k' -> {
        type = TagType.SCRIPT;
        body.writeByte(2).writeShort(FlvTag.MARK_NAME.length());
        body.writeBytes(FlvTag.MARK_NAME.getBytes(US_ASCII));
      }
      case 'm', 'c' -> {
        type = TagType.SCRIPT;
        String name = kind == 'm' ? "onMetaData" : "onCuePoint";
        body.writeByte(2).writeShort(name.length()).writeBytes(name.getBytes(US_ASCII));
      }
      default -> {
        type = TagType.AUDIO;
        switch (kind) {
          case 'S' -> body.writeByte(0xAF).writeByte(0);
          case 's' -> ofTrack1(body, 0x95, 0, "mp4a");
          default -> body.writeByte(0xAF).writeByte(1);
        }
      }
    }
    body.writeZero(BYTES - body.readableBytes());
    return new FlvTag(type, timeMs, body);
  }

  /** Enhanced RTMP, one track of several. */
  private static void ofTrack1(ByteBuf body, int first, int packetType, String fourCc) {
    body.writeByte(first).writeByte(packetType).writeBytes(fourCc.getBytes(US_ASCII));
    body.writeByte(1);
  }

  private static List<Long> drain(GopBuffer buffer) {
    List<Long> times = new ArrayList<>();
    for (FlvTag tag = buffer.next(); tag != null; tag = buffer.next()) {
      times.add(tag.timestampMs());
    }
    return times;
  }

  private static List<Long> again(GopBuffer buffer) {
    buffer.restart();
    return drain(buffer);
  }

  @Test
  void anotherServerGetsTheHeadersAndTheKeyframesOfBothPictures() {
    GopBuffer queue = queue(10_000);
    add(queue, "HhIiPpIiPp", 0);
    assertThat(drain(queue)).hasSize(10);
    assertThat(again(queue)).containsExactly(0L, 1L, 6L, 7L, 8L, 9L);
    assertThat(again(queue)).as("again").containsExactly(0L, 1L, 6L, 7L, 8L, 9L);
  }

  @Test
  void goesOnWithTheHeadersAndTheKeyframesOfBothPictures() {
    GopBuffer newest = newest(10_000, 0);
    add(newest, "HhIiPpIiPp", 0);
    assertThat(again(newest)).containsExactly(0L, 1L, 6L, 7L, 8L, 9L);
  }

  @Test
  void eachSoundKeepsItsHeaderAndThePictureItsColours() {
    GopBuffer queue = queue(10_000);
    add(queue, "mHDSsIaPIa", 0);
    drain(queue);
    assertThat(again(queue)).containsExactly(0L, 1L, 2L, 3L, 4L, 8L, 9L);
  }

  @Test
  void theOriginsMarksComeInTheirPlacesAndTheOneInForceFirst() {
    GopBuffer queue = queue(10_000);
    add(queue, "mHkIPkPkIPkP", 0);
    assertThat(drain(queue)).hasSize(12);
    assertThat(again(queue)).containsExactly(0L, 7L, 1L, 8L, 9L, 10L, 11L);
    GopBuffer newest = newest(10_000, 0);
    add(newest, "mHkIPkPkIPkP", 0);
    assertThat(again(newest)).containsExactly(0L, 7L, 1L, 8L, 9L, 10L, 11L);
  }

  @Test
  void aCuePointDoesNotTakeThePlaceOfTheMetadata() {
    GopBuffer queue = queue(10_000);
    add(queue, "mHIcPIP", 0);
    drain(queue);
    assertThat(again(queue)).containsExactly(0L, 1L, 5L, 6L);
  }

  @Test
  void olderGopsGetTheHeadersThatWereInForceThen() {
    GopBuffer newest = newest(10_000, 1_000);
    add(newest, "HIPHIP", 0);
    assertThat(again(newest)).containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
    newest.restart();
    newest.forgetOlderGops();
    assertThat(again(newest)).containsExactly(3L, 4L, 5L);
  }

  @Test
  void theSecondPictureBeginsAGopOnceTheFirstIsGone() {
    GopBuffer queue = queue(4 * BYTES);
    add(queue, "HIhiPpPpPp", 0); // over the bound: the next keyframe is waited for
    drain(queue);
    add(queue, "ip", 2_000);
    assertThat(drain(queue)).as("the first may still come").isEmpty();
    add(queue, "ip", 6_000);
    assertThat(drain(queue)).containsExactly(6_000L, 6_001L);
  }

  @Test
  void overItsBytesGopsOfBothPicturesGoTogether() {
    GopBuffer queue = queue(9 * BYTES);
    add(queue, "HhIiPpIiPpI", 0);
    assertThat(queue.dropped()).isEqualTo(4);
    assertThat(drain(queue)).containsExactly(0L, 1L, 6L, 7L, 8L, 9L, 10L);
  }

  @Test
  void soundGoesOnWhenThePictureThatWasWaitedForIsSwitchedOff() {
    GopBuffer queue = queue(4 * BYTES);
    add(queue, "HIPPPPPP", 0); // over the bound: the next keyframe is waited for
    drain(queue);
    add(queue, "a", 4_000);
    assertThat(drain(queue)).as("it may still come").isEmpty();
    add(queue, "aa", 6_000);
    assertThat(drain(queue)).containsExactly(6_000L, 6_001L);
  }

  @Test
  void anotherServerGetsTheHeadersAndTheWholeGop() {
    GopBuffer queue = queue(10_000);
    add(queue, "HIPPIPP", 0);
    assertThat(drain(queue)).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L);
    add(queue, "PP", 7);
    assertThat(again(queue)).containsExactly(0L, 4L, 5L, 6L, 7L, 8L);
    assertThat(again(queue)).as("again").containsExactly(0L, 4L, 5L, 6L, 7L, 8L);
  }

  @Test
  void overItsBytesTheOldestGopsGoAndTheHeadersStay() {
    GopBuffer queue = queue(7 * BYTES);
    add(queue, "HIPPPIPPP", 0);
    assertThat(queue.dropped()).isEqualTo(4);
    assertThat(drain(queue)).containsExactly(0L, 5L, 6L, 7L, 8L);
  }

  @Test
  void aGopThatDoesNotFitIsLeftOutToTheNextKeyframe() {
    GopBuffer queue = queue(4 * BYTES);
    add(queue, "HIPPPPPaPPIPa", 0);
    assertThat(drain(queue)).containsExactly(0L, 10L, 11L, 12L);
    assertThat(queue.dropped()).isEqualTo(9);
  }

  @Test
  void ofSoundsAloneTheNewestAreKept() {
    GopBuffer queue = queue(4 * BYTES);
    add(queue, "aaaaaaaaaa", 0);
    assertThat(drain(queue)).containsExactly(6L, 7L, 8L, 9L);
  }

  @Test
  void everyOrderOfCallsKeepsTheBoundAndTheCount() {
    Random random = new Random(7);
    GopBuffer queue = queue(20 * BYTES);
    GopBuffer newest = newest(20 * BYTES, 20);
    boolean sendable = false;
    for (int i = 0; i < 100_000; i++) {
      String tags = String.valueOf("mHhSsIiPPPPPPpppaac".charAt(random.nextInt(19)));
      add(queue, tags, i);
      add(newest, tags, i);
      assertThat(queue.bytes()).isBetween(0L, 20L * BYTES);
      assertThat(newest.bytes()).isBetween(0L, 20L * BYTES);
      if (random.nextInt(50) == 0) {
        queue.restart();
        sendable = !sendable;
      }
      if (sendable) {
        queue.next();
        queue.next();
      }
    }
    assertThat(total).hasValue(queue.bytes());
  }

  @Test
  void keepsTheHeadersAndTheNewestGop() {
    GopBuffer newest = newest(10_000, 0);
    add(newest, "P", 0);
    assertThat(newest.hasMedia()).isFalse();
    add(newest, "IaP", 40);
    assertThat(again(newest)).containsExactly(40L, 41L, 42L);
    add(newest, "I", 120);
    newest.restart();
    newest.forgetOlderGops();
    assertThat(drain(newest)).containsExactly(120L);
  }

  @Test
  void overItsBytesItWaitsForTheNextKeyframe() {
    GopBuffer newest = newest(3 * BYTES, 0);
    add(newest, "IPPP", 0);
    assertThat(newest.hasMedia()).isFalse();
    assertThat(newest.bytes()).isZero();
    add(newest, "P", 160);
    assertThat(newest.hasMedia()).isFalse();
    add(newest, "I", 200);
    assertThat(newest.hasMedia()).isTrue();
  }

  @Test
  void headersAloneAreNothingToGoOnWith() {
    GopBuffer newest = newest(2 * BYTES, 0);
    add(newest, "SaHaaa", 0);
    assertThat(newest.hasMedia()).isFalse();
    assertThat(newest.bytes()).isEqualTo(2 * BYTES);
    assertThat(again(newest)).containsExactly(2L, 0L);
  }

  @Test
  void ofAStreamWithoutVideoItKeepsASecond() {
    GopBuffer newest = newest(1 << 20, 0);
    for (int i = 0; i < 500; i++) {
      add(newest, "a", i * 20);
    }
    assertThat(again(newest).getFirst()).isEqualTo(499 * 20L - 1000);
    newest.restart();
    assertThat(newest.hasMedia()).isTrue();
  }

  @Test
  void soundAloneIsEnoughWhenThePictureWasSwitchedOff() {
    GopBuffer newest = newest(10 * BYTES, 0);
    add(newest, "I", 0);
    for (int ms = 0; ms < 20_000; ms += 200) {
      add(newest, "a", ms);
    }
    assertThat(newest.hasMedia()).isTrue();
    assertThat(newest.bytes()).isBetween(300L, 1_000L);
    add(newest, "I", 20_000);
    assertThat(newest.bytes()).as("the picture is back").isEqualTo(100);
  }

  @Test
  void wholeGopsAreKeptForAsLongAsTheFirstSourceMayHaveBeenSilent() {
    GopBuffer newest = newest(1 << 20, 1_000);
    for (int i = 0; i < 100; i++) {
      add(newest, i % 10 == 0 ? "I" : "P", i * 40);
    }
    newest.restart();
    assertThat(drain(newest).getFirst()).as("2600 to 3600 ms and some").isEqualTo(2400);
  }
}
