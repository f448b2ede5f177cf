package dev.sluice.app.demo;

import dev.sluice.media.flv.FlvReader;
import dev.sluice.media.flv.FlvTag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * A clip that never ends: tag number {@code n} of an endless sequence in which time goes on where
 * one round ends and the next begins. Metadata and sequence headers come in the first round only.
 *
 * <p>Threading: read-only after it was made. Ownership: it holds its tags until {@link #close()}.
 */
public final class LoopedClip implements AutoCloseable {
  private final List<FlvTag> headers = new ArrayList<>();
  private final List<FlvTag> media = new ArrayList<>();
  private final long roundMs;

  /**
   * Reads a clip.
   *
   * @param flv a whole FLV file, at least two pictures or sounds
   */
  public LoopedClip(byte[] flv) {
    ByteBuf bytes = Unpooled.wrappedBuffer(flv);
    try (FlvReader reader = new FlvReader()) {
      reader.feed(
          bytes, tag -> (tag.script() || tag.sequenceHeader() ? headers : media).add(tag.retain()));
    } finally {
      bytes.release();
    }
    if (media.size() < 2) {
      throw new IllegalArgumentException("clip: " + media.size() + " frames (expected: >= 2)");
    }
    this.roundMs = Math.max(trackEnd(true), trackEnd(false)) - media.getFirst().timestampMs();
  }

  /** The clip that comes with the program. */
  public static LoopedClip bundled() throws IOException {
    return new LoopedClip(bundledBytes());
  }

  /** The bundled clip as a file. */
  public static byte[] bundledBytes() throws IOException {
    try (InputStream in = LoopedClip.class.getResourceAsStream("/demo/demo.flv")) {
      if (in == null) {
        throw new IOException("the demo's clip is missing from the class path");
      }
      return in.readAllBytes();
    }
  }

  /** Time of a track's last frame and the mean pause after it; -1 for a track that is not there. */
  private long trackEnd(boolean video) {
    long first = -1;
    long last = -1;
    int frames = 0;
    for (FlvTag tag : media) {
      if (tag.video() == video) {
        first = frames == 0 ? tag.timestampMs() : first;
        last = tag.timestampMs();
        frames++;
      }
    }
    return frames < 2 ? last : last + Math.round((last - first) / (double) (frames - 1));
  }

  /** Length of a round in milliseconds. */
  public long roundMs() {
    return roundMs;
  }

  /** Number of frames in a round, headers not counted. */
  public int frames() {
    return media.size();
  }

  /** What goes before the first frame, in order. Borrowed. */
  public List<FlvTag> headers() {
    return headers;
  }

  /**
   * Time of frame {@code n} of the endless sequence, in milliseconds from the first frame's; never
   * less than that of the frame before.
   */
  public long timeMs(long n) {
    FlvTag tag = media.get((int) (n % media.size()));
    return n / media.size() * roundMs + tag.timestampMs() - media.getFirst().timestampMs();
  }

  /** Frame {@code n} at its time. Returns a retained view. */
  public FlvTag frame(long n) {
    return media.get((int) (n % media.size())).at(timeMs(n));
  }

  @Override
  public void close() {
    headers.forEach(FlvTag::release);
    media.forEach(FlvTag::release);
    headers.clear();
    media.clear();
  }
}
