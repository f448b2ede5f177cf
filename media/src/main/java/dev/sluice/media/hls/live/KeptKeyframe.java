package dev.sluice.media.hls.live;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.segment.SegmentMark;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The newest keyframe of a stream, and the MP4 with that one picture: made when it is first asked
 * for, for all who ask.
 *
 * <p>Ownership: retains the tag; {@link #release} lets go.
 *
 * <p>Threading: any thread; two that ask first at once may both make it, and make the same. The
 * count guards against reading what is being freed, as in {@link SharedBytes}.
 */
final class KeptKeyframe {
  /** For how long the picture is shown. */
  private static final int SHOWN_MS = 1000;

  private final FlvTag keyframe;
  private final FlvTag header;
  private final AtomicInteger holders = new AtomicInteger(1);
  private volatile byte @Nullable [] made;

  /**
   * Keeps one, which stays the caller's.
   *
   * @param header its track's, pinned
   */
  KeptKeyframe(FlvTag keyframe, FlvTag header) {
    this.keyframe = keyframe.at(0);
    this.header = header;
  }

  /** The MP4, not to be changed; null when it was let go, or cannot be carried in one. */
  byte @Nullable [] mp4(HlsMuxer muxer) {
    byte[] bytes = made;
    if (bytes == null && hold()) {
      try {
        bytes = make(muxer);
        made = bytes;
      } finally {
        release();
      }
    }
    return bytes;
  }

  private boolean hold() {
    int count = holders.get();
    while (count > 0) {
      if (holders.compareAndSet(count, count + 1)) {
        return true;
      }
      count = holders.get();
    }
    return false;
  }

  private byte @Nullable [] make(HlsMuxer muxer) {
    byte[] init = muxer.init(header, null);
    if (init == null) {
      return null;
    }
    SegmentMark begins =
        new SegmentMark(
            1, 0, 0, 0, 0, 0, true, false, false, 0, 0, SegmentMark.NO_AUDIO, 0, -1, 0, 0);
    ByteBuf part = muxer.part(begins, SHOWN_MS, List.of(keyframe), header, null);
    try {
      byte[] whole = new byte[init.length + part.readableBytes()];
      System.arraycopy(init, 0, whole, 0, init.length);
      System.arraycopy(ByteBufUtil.getBytes(part), 0, whole, init.length, part.readableBytes());
      return whole;
    } finally {
      part.release();
    }
  }

  /** The owner lets go; what was made stays good. */
  void release() {
    if (holders.decrementAndGet() == 0) {
      keyframe.release();
    }
  }
}
