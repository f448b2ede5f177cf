package dev.sluice.media.vod;

import dev.sluice.media.flv.TagType;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds the keyframes of a file that has no index, from its first tag to its last, by a look at how
 * each tag begins. Reads all of a file but long bodies, so what it finds is worth keeping. Of a
 * file without video it takes a place each {@value #SOUND_MS} ms. A place that is no tag ends it.
 *
 * <p>Pure; one caller.
 */
public final class KeyframeScan implements FileProbe {
  private static final int WINDOW_BYTES = 1 << 20;
  private static final int MAX_PLACES = 1 << 20;
  private static final long SOUND_MS = 1000;

  private final FlvOpening file;
  private long position;
  private boolean done;
  private long[] positions = new long[64];
  private long[] timesMs = new long[64];
  private int places;
  private long lastMs = -1;

  /** Of a file that was not looked at but for its opening. */
  public KeyframeScan(FlvOpening file) {
    this.file = file;
    this.position = file.firstTag();
    this.done = !file.playable() || position >= file.fileBytes();
  }

  @Override
  public boolean done() {
    return done;
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public int bytes() {
    return WINDOW_BYTES;
  }

  @Override
  public void look(ByteBuf part) {
    int start = part.readerIndex();
    long at = start;
    while (true) {
      long here = position + (at - start);
      long left = part.writerIndex() - at;
      TagHeader header = left < TagHeader.BYTES ? null : TagHeader.read(part, (int) at);
      boolean cut = header == null ? left < TagHeader.BYTES : left < seenBytes(header);
      if (cut && at > start && here < file.fileBytes()) {
        position = here;
        return;
      }
      boolean whole = header != null && here + header.stride() - 4L <= file.fileBytes();
      if (header == null || !whole) {
        done = true;
        return;
      }
      take(header, here);
      at += header.stride();
    }
  }

  private static int seenBytes(TagHeader header) {
    return Math.min(TagHeader.BYTES + header.bodyBytes(), TagHeader.SEEN_BYTES);
  }

  private void take(TagHeader header, long here) {
    if (!header.media()) {
      return;
    }
    lastMs = Math.max(lastMs, header.timeMs());
    boolean starts =
        file.hasVideo()
            ? header.keyframe()
            : header.type() == TagType.AUDIO
                && (places == 0 || header.timeMs() - timesMs[places - 1] >= SOUND_MS);
    boolean later = places == 0 || header.timeMs() >= timesMs[places - 1];
    if (!starts || !later || places == MAX_PLACES) {
      return;
    }
    if (places == positions.length) {
      positions = Arrays.copyOf(positions, places * 2);
      timesMs = Arrays.copyOf(timesMs, places * 2);
    }
    positions[places] = here;
    timesMs[places] = header.timeMs();
    places++;
  }

  /** What was found; null when there is nothing. */
  @Nullable KeyframeIndex index() {
    return places == 0
        ? null
        : new KeyframeIndex(Arrays.copyOf(positions, places), Arrays.copyOf(timesMs, places));
  }

  /** Time of the last tag; -1 when there is none. */
  long lastMs() {
    return lastMs;
  }
}
