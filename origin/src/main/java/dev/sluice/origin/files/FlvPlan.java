package dev.sluice.origin.files;

import dev.sluice.chassis.http.ReadableFile;
import dev.sluice.media.vod.ConfigProbe;
import dev.sluice.media.vod.FileBreaks;
import dev.sluice.media.vod.FileProbe;
import dev.sluice.media.vod.FlvOpening;
import dev.sluice.media.vod.KeyframeScan;
import dev.sluice.media.vod.VodFragment;
import dev.sluice.media.vod.VodSegments;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one version of a stored FLV file is played over HLS: which segments there are, and how each
 * is made.
 *
 * <p>The index in the file's metadata is believed when it proves right in {@value #LOOKS} places;
 * else all of the file is read once to find the keyframes, and so it is when the configuration
 * changes or the clock jumps.
 *
 * <p>Threading: immutable; methods that take a file block.
 */
final class FlvPlan implements HlsPlan {
  private static final int LOOKS = 5;
  private static final int LOOK_BYTES = 64 << 10;
  private static final int READ_BYTES = 256 << 10;

  private final FlvOpening opening;
  private final @Nullable FileBreaks breaks;
  private final VodSegments segments;
  private final List<byte[]> inits;

  private FlvPlan(
      FlvOpening opening, @Nullable FileBreaks breaks, VodSegments segments, List<byte[]> inits) {
    this.opening = opening;
    this.breaks = breaks;
    this.segments = segments;
    this.inits = inits;
  }

  /**
   * Makes a plan.
   *
   * @return null when the file is no FLV, has nothing that MP4 can carry, or a clock that stands
   */
  static @Nullable FlvPlan of(ReadableFile file, long size) throws IOException {
    FlvOpening opening = new FlvOpening(size);
    FileReads.run(file, opening);
    byte[] init = opening.playable() ? VodFragment.init(opening) : null;
    if (init == null) {
      return null;
    }
    VodSegments indexed = VodSegments.of(opening, LEAST_MS);
    if (indexed != null && proves(file, opening, indexed) && isOne(file, opening)) {
      return new FlvPlan(opening, null, indexed, List.of(init));
    }
    KeyframeScan scan = new KeyframeScan(opening);
    FileReads.run(file, scan);
    VodSegments found = VodSegments.of(opening, scan, LEAST_MS);
    if (found == null) {
      return null;
    }
    List<byte[]> inits = new ArrayList<>();
    for (byte @Nullable [] each : VodFragment.inits(scan.found())) {
      if (each == null) {
        return null;
      }
      inits.add(each);
    }
    return new FlvPlan(opening, scan.found(), found, inits);
  }

  /** Whether all of the file has the configuration of its opening. */
  private static boolean isOne(ReadableFile file, FlvOpening opening) throws IOException {
    ConfigProbe probe = new ConfigProbe(opening);
    FileReads.run(file, probe);
    return !probe.changes();
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
          fragment.feed(Unpooled.wrappedBuffer(FileReads.read(file, at, some)));
          at += some;
        }
        if (!fragment.asPlanned()) {
          return false;
        }
      }
    }
    return true;
  }

  @Override
  public byte @Nullable [] init(int config) {
    return config < inits.size() ? inits.get(config).clone() : null;
  }

  @Override
  public byte[] segment(ReadableFile file, int number, boolean ts) throws IOException {
    VodSegments.Segment segment = segments.all().get(number);
    try (VodFragment fragment = new VodFragment(opening, breaks, segment)) {
      for (long at = segment.byteFrom(); at < segment.byteTo(); at += READ_BYTES) {
        int some = (int) Math.min(READ_BYTES, segment.byteTo() - at);
        fragment.feed(Unpooled.wrappedBuffer(FileReads.read(file, at, some)));
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

  @Override
  public VodSegments segments() {
    return segments;
  }

  @Override
  public @Nullable String tsRefusal() {
    return breaks == null ? VodFragment.tsRefusal(opening) : VodFragment.tsRefusal(breaks);
  }

  @Override
  public long heldBytes() {
    return segments.heldBytes()
        + (breaks == null ? 0 : 2 * breaks.heldBytes()); // inits are as long
  }
}
