package dev.sluice.media.hls.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.hls.HlsPath;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a viewer gets the bytes of a segment. */
@ExtendWith(LeakCheck.class)
class MediaBodyTest {
  private static final HlsPath SEGMENT = HlsPath.parse("abc", "1.m4s");
  private static final int MOST_AHEAD = SlowViewer.ROOM + MediaBody.PIECE_BYTES;

  private final SlowViewer viewer = new SlowViewer();

  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    new Random(count).nextBytes(bytes);
    return bytes;
  }

  /** As a segment is put together of its parts. */
  private static ByteBuf inParts(byte[] bytes) {
    CompositeByteBuf all = Unpooled.compositeBuffer();
    for (int at = 0; at < bytes.length; at += 100_000) {
      int some = Math.min(100_000, bytes.length - at);
      all.addComponent(true, Unpooled.wrappedBuffer(bytes, at, some));
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(
      ints = {0, 1, 30_000, MediaBody.PIECE_BYTES, MediaBody.PIECE_BYTES + 1, 300_000, 4_000_000})
  void aSegmentIsNotWrittenFasterThanItsViewerTakesIt(int size) {
    byte[] segment = bytes(size);
    HlsAnswers.media(viewer.asks("GET"), inParts(segment), SEGMENT);
    while (!viewer.finished) {
      viewer.take();
    }
    viewer.take();
    assertThat(viewer.taken.toByteArray()).isEqualTo(segment);
    assertThat(viewer.most).isLessThanOrEqualTo(MOST_AHEAD);
  }

  @Test
  void aViewerThatHasNoRoomYetGetsTheHead() {
    viewer.room = 0;
    HlsAnswers.media(viewer.asks("GET"), inParts(bytes(2_000_000)), SEGMENT);
    assertThat(viewer.headSent).isTrue();
    assertThat(viewer.most).isZero();
    viewer.leave();
  }

  @Test
  void whatAViewerThatLeftDidNotTakeIsLetGo() {
    HlsAnswers.media(viewer.asks("GET"), inParts(bytes(2_000_000)), SEGMENT);
    viewer.take();
    viewer.leave();
    assertThat(viewer.finished).isFalse();
  }

  @Test
  void whoHasGoneBeforeGetsNothing() {
    viewer.here = false;
    HlsAnswers.media(viewer.asks("GET"), inParts(bytes(2_000_000)), SEGMENT);
    assertThat(viewer.most).isZero();
  }

  @Test
  void whoAsksForTheHeadAloneGetsThat() {
    HlsAnswers.media(viewer.asks("HEAD"), inParts(bytes(2_000_000)), SEGMENT);
    assertThat(viewer.finished).isTrue();
    assertThat(viewer.most).isZero();
  }
}
