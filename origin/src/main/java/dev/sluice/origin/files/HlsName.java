package dev.sluice.origin.files;

import dev.sluice.media.vod.VodListQuery;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Names under which a stored file is played over HLS, beside the file itself. They are made, not
 * stored; a stored file of the same name goes before.
 *
 * <pre>
 * films/one.m3u8                     the playlist of films/one.flv, or of films/one.mp4
 * films/one.~10000-20000.ts.m3u8     another one of it, see {@link VodListQuery}
 * films/one.hls/VERSION/init.mp4     what its players read first
 * films/one.hls/VERSION/init1.mp4    the same where the file goes on with another configuration
 * films/one.hls/VERSION/7.m4s        its segment 7
 * films/one.hls/VERSION/7.ts         the same in MPEG-TS
 * </pre>
 *
 * @param stem the name of the file that is meant, without its ending
 * @param version of the file, by which an address always gives the same bytes; empty for the
 *     playlist
 * @param segment its number; {@link #PLAYLIST}; {@link #INIT} or less, see {@link #config}
 * @param query which playlist, and whether in MPEG-TS
 */
record HlsName(String stem, String version, int segment, VodListQuery query) {
  static final int PLAYLIST = -1;
  static final int INIT = -2;

  private static final VodListQuery IN_TS = new VodListQuery(true, 0, VodListQuery.END);
  private static final String LIST_END = ".m3u8";
  private static final String FOLDER_END = ".hls";
  private static final String SEGMENT_END = ".m4s";
  private static final String TS_END = ".ts";
  private static final String INIT_NAME = "init";
  private static final String INIT_END = ".mp4";
  private static final int LONGEST_NUMBER = 7;
  private static final String PLAIN = "-._~";
  private static final char[] HEX = "0123456789ABCDEF".toCharArray();

  /** Reads a path below {@code /vod/}; null when it is no such name. */
  static @Nullable HlsName of(FilePath path) {
    String whole = path.value();
    if (whole.endsWith(LIST_END)) {
      String stem = whole.substring(0, whole.length() - LIST_END.length());
      VodListQuery query = VodListQuery.read(stem);
      return query == null
          ? valid(new HlsName(stem, "", PLAYLIST, VodListQuery.WHOLE))
          : valid(new HlsName(VodListQuery.whole(stem), "", PLAYLIST, query));
    }
    String[] parts = whole.split("/", -1);
    if (parts.length < 3 || !parts[parts.length - 3].endsWith(FOLDER_END)) {
      return null;
    }
    String last = parts[parts.length - 1];
    String version = parts[parts.length - 2];
    int folderEnd = whole.length() - last.length() - version.length() - 2;
    String stem = whole.substring(0, folderEnd - FOLDER_END.length());
    boolean ts = ts(last);
    int segment = last.endsWith(INIT_END) ? initNumber(last) : number(last, ts);
    return segment == PLAYLIST
        ? null
        : valid(new HlsName(stem, version, segment, ts ? IN_TS : VodListQuery.WHOLE));
  }

  private static @Nullable HlsName valid(HlsName name) {
    return FilePath.fault(name.stem() + ".flv") == null ? name : null;
  }

  private static int initNumber(String name) {
    if (!name.startsWith(INIT_NAME)) {
      return PLAYLIST;
    }
    String digits = name.substring(INIT_NAME.length(), name.length() - INIT_END.length());
    int config = digits.isEmpty() ? 0 : digits.equals("0") ? PLAYLIST : plainNumber(digits);
    return config == PLAYLIST ? PLAYLIST : INIT - config;
  }

  /** Of which configuration this is what players read first; below 0 when it is something else. */
  int config() {
    return INIT - segment;
  }

  /** Whether a segment's name is that of one in MPEG-TS. */
  static boolean ts(String name) {
    return name.endsWith(TS_END);
  }

  /** The number in a segment's name; {@link #PLAYLIST} when it is none. */
  static int number(String name, boolean ts) {
    String end = ts ? TS_END : SEGMENT_END;
    if (!name.endsWith(end)) {
      return PLAYLIST;
    }
    return plainNumber(name.substring(0, name.length() - end.length()));
  }

  private static int plainNumber(String digits) {
    boolean plain =
        !digits.isEmpty()
            && digits.length() <= LONGEST_NUMBER
            && digits.chars().allMatch(c -> c >= '0' && c <= '9')
            && (digits.length() == 1 || digits.charAt(0) != '0');
    return plain ? Integer.parseInt(digits) : PLAYLIST;
  }

  /** The folder of a version's segments as an address relative to the playlist. */
  String folder(String ofVersion) {
    String name = stem.substring(stem.lastIndexOf('/') + 1);
    return "./" + escaped(name) + FOLDER_END + "/" + ofVersion + "/";
  }

  static String init(int config) {
    return INIT_NAME + (config == 0 ? "" : String.valueOf(config)) + INIT_END;
  }

  static String segment(int number, boolean ts) {
    return number + (ts ? TS_END : SEGMENT_END);
  }

  /** RFC 3986 section 2.1: all but unreserved characters. */
  private static String escaped(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      boolean letter = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
      if (letter || (b >= '0' && b <= '9') || PLAIN.indexOf(b) >= 0) {
        out.append((char) b);
      } else {
        out.append('%').append(HEX[(b >> 4) & 15]).append(HEX[b & 15]);
      }
    }
    return out.toString();
  }
}
