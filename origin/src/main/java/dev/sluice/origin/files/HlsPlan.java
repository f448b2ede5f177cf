package dev.sluice.origin.files;

import dev.sluice.chassis.http.ReadableFile;
import dev.sluice.media.vod.FileProbe;
import dev.sluice.media.vod.FlvOpening;
import dev.sluice.media.vod.KeyframeScan;
import dev.sluice.media.vod.VodFragment;
import dev.sluice.media.vod.VodSegments;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one version of a stored FLV file is played over HLS: which segments there are, and how each
 * is made.
 *
 * <p>The index in the file's metadata is believed when it proves right in {@value #LOOKS} places;
 * else all of the file is read once to find the keyframes.
 *
 * <p>Threading: immutable; methods that take a file block.
 */
final class HlsPlan {
  /** No segment but the last is shorter. */
  private static final int LEAST_MS = 4_000;

  private static final int LOOKS = 5;
  private static final int LOOK_BYTES = 64 << 10;
  private static final int READ_BYTES = 256 << 10;

  private final FlvOpening opening;
  private final VodSegments segments;
  private final byte[] init;

  private HlsPlan(FlvOpening opening, VodSegments segments, byte[] init) {
    this.opening = opening;
    this.segments = segments;
    this.init = init;
  }

  /**
   * Makes a plan.
   *
   * @return null when the file is no FLV, or has nothing that MP4 can carry
   */
  static @Nullable HlsPlan of(ReadableFile file, long size) throws IOException {
    FlvOpening opening = new FlvOpening(size);
    run(file, opening);
    byte[] init = opening.playable() ? VodFragment.init(opening) : null;
    if (init == null) {
      return null;
    }
    VodSegments indexed = VodSegments.of(opening, LEAST_MS);
    if (indexed != null && proves(file, opening, indexed)) {
      return new HlsPlan(opening, indexed, init);
    }
    KeyframeScan scan = new KeyframeScan(opening);
    run(file, scan);
    VodSegments found = VodSegments.of(opening, scan, LEAST_MS);
    return found == null ? null : new HlsPlan(opening, found, init);
  }

  /** Whether segments begin where they are said to, in the first place, the last and between. */
  private static boolean proves(ReadableFile file, FlvOpening opening, VodSegments segments)
      throws IOException {
    List<VodSegments.Segment> all = segments.all();
    for (int i = 0; i < LOOKS; i++) {
      VodSegments.Segment each = all.get((int) ((long) i * (all.size() - 1) / (LOOKS - 1)));
      try (VodFragment fragment = new VodFragment(opening, each)) {
        long end = Math.min(each.byteTo(), each.byteFrom() + FileProbe.MAX_BYTES);
        long at = each.byteFrom();
        while (at < end && !fragment.asPlanned()) {
          int some = (int) Math.min(LOOK_BYTES, end - at);
          fragment.feed(Unpooled.wrappedBuffer(read(file, at, some)));
          at += some;
        }
        if (!fragment.asPlanned()) {
          return false;
        }
      }
    }
    return true;
  }

  private static void run(ReadableFile file, FileProbe probe) throws IOException {
    while (!probe.done()) {
      ByteBuffer part = ByteBuffer.allocate(probe.bytes());
      while (part.hasRemaining() && file.read(part, probe.position() + part.position()) > 0) {}
      ByteBuf seen = Unpooled.wrappedBuffer(part.flip());
      if (!seen.isReadable()) {
        throw new IOException("file is shorter than it was");
      }
      probe.look(seen);
    }
  }

  private static byte[] read(ReadableFile file, long from, int bytes) throws IOException {
    ByteBuffer part = ByteBuffer.allocate(bytes);
    while (part.hasRemaining()) {
      if (file.read(part, from + part.position()) <= 0) {
        throw new IOException("file is shorter than it was");
      }
    }
    return part.array();
  }

  /** How many segments there are. */
  int size() {
    return segments.all().size();
  }

  /** Bytes that are read to make a segment. */
  long bytesOf(int number) {
    VodSegments.Segment segment = segments.all().get(number);
    return segment.byteTo() - segment.byteFrom();
  }

  /** What players read first. */
  byte[] init() {
    return init.clone();
  }

  /**
   * Makes a segment.
   *
   * @param ts as MPEG-TS rather than MP4
   * @throws IOException also when the file cannot be played there: damaged, or another codec
   */
  byte[] segment(ReadableFile file, int number, boolean ts) throws IOException {
    VodSegments.Segment segment = segments.all().get(number);
    try (VodFragment fragment = new VodFragment(opening, segment)) {
      for (long at = segment.byteFrom(); at < segment.byteTo(); at += READ_BYTES) {
        int some = (int) Math.min(READ_BYTES, segment.byteTo() - at);
        fragment.feed(Unpooled.wrappedBuffer(read(file, at, some)));
      }
      ByteBuf made = ts ? fragment.ts() : fragment.mp4();
      try {
        byte[] bytes = new byte[made.readableBytes()];
        made.readBytes(bytes);
        return bytes;
      } finally {
        made.release();
      }
    }
  }

  /** The segments. */
  VodSegments segments() {
    return segments;
  }

  /** Why it cannot be had as MPEG-TS, as a sentence; null when it can. */
  @Nullable String tsRefusal() {
    return VodFragment.tsRefusal(opening);
  }
}
