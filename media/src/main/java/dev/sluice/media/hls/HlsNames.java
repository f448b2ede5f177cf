package dev.sluice.media.hls;

import java.util.HexFormat;

/** Addresses of what a playlist lists, relative to the playlist. Pure. */
public final class HlsNames {
  /** Ends the name of a segment or part. */
  static final String MEDIA = ".m4s";

  static final String INIT = "init-";
  static final String INIT_END = ".mp4";

  /** Ends the name of a segment in MPEG-TS. */
  static final String TS = ".ts";

  private HlsNames() {}

  /** A whole segment in MPEG-TS. */
  public static String ts(long incarnation, long msn) {
    return Long.toHexString(incarnation) + "/" + msn + TS;
  }

  /** The run that an address begins with, in hex; 0 when it is none. */
  public static long run(String hex) {
    long run =
        hex.length() > 14 || hex.isEmpty() || !hex.chars().allMatch(HexFormat::isHexDigit)
            ? 0
            : HexFormat.fromHexDigitsToLong(hex);
    return Long.toHexString(run).equals(hex) ? run : 0;
  }

  /** A whole segment. */
  public static String segment(long incarnation, long msn) {
    return Long.toHexString(incarnation) + "/" + msn + MEDIA;
  }

  /** A part of a segment. */
  public static String part(long incarnation, long msn, int part) {
    return Long.toHexString(incarnation) + "/" + msn + "." + part + MEDIA;
  }

  /** What a player needs before segments of a configuration. */
  public static String init(long incarnation, long config) {
    return Long.toHexString(incarnation) + "/" + INIT + Long.toHexString(config) + INIT_END;
  }
}
