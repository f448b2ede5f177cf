package dev.sluice.media.fmp4;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Boxes of an MP4 file, read strictly: each must end where the next begins, and the last where what
 * holds it ends.
 */
record Mp4Boxes(byte[] file, String type, int from, int to, List<Mp4Boxes> inside) {
  private static final Set<String> HOLDERS =
      Set.of("moov", "trak", "mdia", "minf", "dinf", "stbl", "mvex", "moof", "traf", "edts");

  /** The whole file as a box without a type. */
  static Mp4Boxes read(byte[] file) {
    return new Mp4Boxes(file, "", 0, file.length, inside(file, 0, file.length));
  }

  private static List<Mp4Boxes> inside(byte[] file, int from, int to) {
    List<Mp4Boxes> all = new ArrayList<>();
    int at = from;
    while (at < to) {
      if (to - at < 8) {
        throw new AssertionError("box at " + at + ": " + (to - at) + " bytes left");
      }
      long length = ByteBuffer.wrap(file).getInt(at) & 0xFFFFFFFFL;
      String type = new String(file, at + 4, 4, StandardCharsets.ISO_8859_1);
      if (length < 8 || length > to - at) {
        throw new AssertionError(
            "box " + type + " at " + at + ": length " + length + " of " + (to - at));
      }
      int end = at + (int) length;
      List<Mp4Boxes> children =
          switch (type) {
            case "stsd" -> inside(file, at + 16, end);
            case "avc1", "hvc1", "hev1", "av01", "vp09" -> inside(file, at + 86, end);
            case "mp4a", "Opus", "fLaC", "ac-3" -> inside(file, at + 36, end);
            default -> HOLDERS.contains(type) ? inside(file, at + 8, end) : List.of();
          };
      all.add(new Mp4Boxes(file, type, at + 8, end, children));
      at = end;
    }
    return all;
  }

  /** All of a type directly inside. */
  List<Mp4Boxes> all(String wanted) {
    return inside.stream().filter(box -> box.type.equals(wanted)).toList();
  }

  /** The one at a path such as {@code moov/trak/mdia}, of several the first. */
  Mp4Boxes at(String path) {
    Mp4Boxes box = this;
    for (String step : path.split("/")) {
      List<Mp4Boxes> found = box.all(step);
      if (found.isEmpty()) {
        throw new AssertionError("no " + step + " of " + path + " in " + box.names());
      }
      box = found.getFirst();
    }
    return box;
  }

  boolean has(String wanted) {
    return !all(wanted).isEmpty();
  }

  /** Types of what is directly inside. */
  List<String> names() {
    return inside.stream().map(Mp4Boxes::type).toList();
  }

  /** Content, behind length and type. */
  ByteBuffer content() {
    return ByteBuffer.wrap(file, from, to - from).slice();
  }

  byte[] bytes() {
    byte[] copy = new byte[to - from];
    content().get(copy);
    return copy;
  }

  /** One frame of a fragment. */
  record Sample(long decode, long duration, int offset, int bytes, int flags, int composition) {}

  /** Frames that a traf lists; offsets count from the begin of the file. */
  List<Sample> samples(int moofAt) {
    ByteBuffer tfhd = at("tfhd").content();
    int tfhdFlags = tfhd.getInt() & 0xFFFFFF;
    tfhd.getInt();
    if ((tfhdFlags & 2) != 0) {
      tfhd.getInt();
    }
    int duration = (tfhdFlags & 8) != 0 ? tfhd.getInt() : 0;
    int size = (tfhdFlags & 0x10) != 0 ? tfhd.getInt() : 0;
    int flags = (tfhdFlags & 0x20) != 0 ? tfhd.getInt() : 0;
    ByteBuffer tfdt = at("tfdt").content();
    long decode = tfdt.getInt() >>> 24 == 1 ? tfdt.getLong() : tfdt.getInt() & 0xFFFFFFFFL;
    ByteBuffer trun = at("trun").content();
    int trunFlags = trun.getInt() & 0xFFFFFF;
    int count = trun.getInt();
    int offset = moofAt + ((trunFlags & 1) != 0 ? trun.getInt() : 0);
    int first = (trunFlags & 4) != 0 ? trun.getInt() : flags;
    List<Sample> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int lasts = (trunFlags & 0x100) != 0 ? trun.getInt() : duration;
      int bytes = (trunFlags & 0x200) != 0 ? trun.getInt() : size;
      int said = (trunFlags & 0x400) != 0 ? trun.getInt() : i == 0 ? first : flags;
      int composition = (trunFlags & 0x800) != 0 ? trun.getInt() : 0;
      all.add(new Sample(decode, lasts & 0xFFFFFFFFL, offset, bytes, said, composition));
      decode += lasts & 0xFFFFFFFFL;
      offset += bytes;
    }
    if (trun.hasRemaining()) {
      throw new AssertionError("trun: " + trun.remaining() + " bytes too many");
    }
    return all;
  }

  /** The number of the track that a traf is of. */
  int trackId() {
    return at("tfhd").content().getInt(4);
  }
}
