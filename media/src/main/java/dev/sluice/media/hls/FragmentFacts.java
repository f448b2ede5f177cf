package dev.sluice.media.hls;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads from fragmented MP4 what {@link FragmentChecks} look at. Expects the boxes that our muxer
 * writes; anything else is an {@link IllegalArgumentException}.
 *
 * <p>Pure.
 */
final class FragmentFacts {
  private static final int HEAD = 8;

  private FragmentFacts() {}

  /**
   * The samples of one track in one fragment.
   *
   * @param decodeTime of the first, in units of the track
   * @param duration of all
   * @param sync whether the first can be decoded on its own
   * @param samples number of them
   */
  record Run(int track, long decodeTime, long duration, boolean sync, int samples) {}

  /** A track of an initialization. */
  record Track(int id, int timescale, boolean video) {}

  private record Box(String type, ByteBuffer body) {}

  private static List<Box> boxes(ByteBuffer in) {
    List<Box> found = new ArrayList<>();
    ByteBuffer rest = in.duplicate();
    while (rest.remaining() >= HEAD) {
      int start = rest.position();
      int size = rest.getInt(start);
      if (size < HEAD || size > rest.remaining()) {
        throw new IllegalArgumentException("box of " + size + " bytes at " + start);
      }
      byte[] type = new byte[4];
      rest.get(start + 4, type);
      ByteBuffer body = rest.slice(start + HEAD, size - HEAD);
      found.add(new Box(new String(type, StandardCharsets.ISO_8859_1), body));
      rest.position(start + size);
    }
    if (rest.hasRemaining()) {
      throw new IllegalArgumentException(rest.remaining() + " bytes behind the last box");
    }
    return found;
  }

  private static @Nullable ByteBuffer find(ByteBuffer in, String... path) {
    ByteBuffer at = in;
    for (String type : path) {
      ByteBuffer next = null;
      for (Box box : boxes(at)) {
        if (box.type().equals(type) && next == null) {
          next = box.body();
        }
      }
      if (next == null) {
        return null;
      }
      at = next;
    }
    return at;
  }

  private static ByteBuffer need(ByteBuffer in, String... path) {
    ByteBuffer found = find(in, path);
    if (found == null) {
      throw new IllegalArgumentException("no " + String.join("/", path));
    }
    return found;
  }

  /** The tracks of an initialization, by their id. */
  static Map<Integer, Track> tracks(byte[] init) {
    Map<Integer, Track> found = new HashMap<>();
    ByteBuffer moov = need(ByteBuffer.wrap(init), "moov");
    for (Box box : boxes(moov)) {
      if (box.type().equals("trak")) {
        int id = need(box.body(), "tkhd").getInt(12);
        int timescale = need(box.body(), "mdia", "mdhd").getInt(12);
        ByteBuffer handler = need(box.body(), "mdia", "hdlr");
        boolean video = handler.get(8) == 'v';
        found.put(id, new Track(id, timescale, video));
        if (find(box.body(), "edts") != null) {
          throw new IllegalArgumentException("an edit list");
        }
      }
    }
    return found;
  }

  /** The runs of each fragment of a part or segment, in their order. */
  static List<List<Run>> fragments(byte[] media) {
    List<List<Run>> found = new ArrayList<>();
    List<Box> all = boxes(ByteBuffer.wrap(media));
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).type().equals("moof")) {
        if (i + 1 == all.size() || !all.get(i + 1).type().equals("mdat")) {
          throw new IllegalArgumentException("a moof without mdat");
        }
        List<Run> runs = new ArrayList<>();
        for (Box box : boxes(all.get(i).body())) {
          if (box.type().equals("traf")) {
            runs.add(run(box.body()));
          }
        }
        found.add(runs);
      }
    }
    return found;
  }

  private static Run run(ByteBuffer traf) {
    ByteBuffer tfhd = need(traf, "tfhd");
    int flags = tfhd.getInt() & 0xFFFFFF;
    int track = tfhd.getInt();
    tfhd.position(tfhd.position() + ((flags & 1) != 0 ? 8 : 0) + ((flags & 2) != 0 ? 4 : 0));
    int duration = (flags & 8) != 0 ? tfhd.getInt() : 0;
    tfhd.position(tfhd.position() + ((flags & 0x10) != 0 ? 4 : 0));
    int defaultFlags = (flags & 0x20) != 0 ? tfhd.getInt() : 0;
    ByteBuffer tfdt = need(traf, "tfdt");
    if (tfdt.get(0) != 1) {
      throw new IllegalArgumentException("tfdt of 32 bits");
    }
    long decodeTime = tfdt.getLong(4);
    long total = 0;
    int samples = 0;
    boolean sync = false;
    for (Box box : boxes(traf)) {
      if (!box.type().equals("trun")) {
        continue;
      }
      ByteBuffer trun = box.body();
      int has = trun.getInt() & 0xFFFFFF;
      int count = trun.getInt();
      trun.position(trun.position() + ((has & 1) != 0 ? 4 : 0));
      int firstFlags = (has & 4) != 0 ? trun.getInt() : defaultFlags;
      for (int i = 0; i < count; i++) {
        total += (has & 0x100) != 0 ? trun.getInt() : duration;
        trun.position(trun.position() + ((has & 0x200) != 0 ? 4 : 0));
        int own = (has & 0x400) != 0 ? trun.getInt() : i == 0 ? firstFlags : defaultFlags;
        trun.position(trun.position() + ((has & 0x800) != 0 ? 4 : 0));
        if (samples == 0) {
          sync = (own & 0x10000) == 0;
        }
        samples++;
      }
    }
    return new Run(track, decodeTime, total, sync, samples);
  }
}
