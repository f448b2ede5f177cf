package dev.sluice.media.hls;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What the last two segments of an address name, as {@link HlsNames} writes them. No number is
 * below 0. Pure.
 */
public sealed interface HlsPath {
  /** Which run of the stream it is of. */
  long incarnation();

  /** A whole segment. */
  record Segment(long incarnation, long msn) implements HlsPath {}

  /** A whole segment in MPEG-TS. */
  record Ts(long incarnation, long msn) implements HlsPath {}

  /** A part of one. */
  record Part(long incarnation, long msn, int part) implements HlsPath {}

  /** An initialization. */
  record Init(long incarnation, long config) implements HlsPath {}

  /**
   * Reads an address, which must be in the one form in which it is written.
   *
   * @return null when it names nothing
   */
  static @Nullable HlsPath parse(String incarnation, String file) {
    long run = hex(incarnation);
    if (run <= 0) {
      return null;
    }
    HlsPath path = null;
    if (file.startsWith(HlsNames.INIT) && file.endsWith(HlsNames.INIT_END)) {
      int end = file.length() - HlsNames.INIT_END.length();
      int start = HlsNames.INIT.length();
      long config = end < start ? -1 : hex(file.substring(start, end));
      path = config < 0 ? null : new Init(run, config);
    } else if (file.endsWith(HlsNames.TS)) {
      long msn = decimal(file.substring(0, file.length() - HlsNames.TS.length()));
      path = msn < 0 ? null : new Ts(run, msn);
    } else if (file.endsWith(HlsNames.MEDIA)) {
      String name = file.substring(0, file.length() - HlsNames.MEDIA.length());
      int dot = name.indexOf('.');
      long part = dot < 0 ? 0 : decimal(name.substring(dot + 1));
      long msn = decimal(dot < 0 ? name : name.substring(0, dot));
      if (msn >= 0 && part >= 0) {
        path = dot < 0 ? new Segment(run, msn) : new Part(run, msn, (int) Math.min(part, 1 << 20));
      }
    }
    return path != null && path.name().equals(incarnation + "/" + file) ? path : null;
  }

  /** The address, relative to the playlist. */
  default String name() {
    return switch (this) {
      case Segment(long run, long msn) -> HlsNames.segment(run, msn);
      case Ts(long run, long msn) -> HlsNames.ts(run, msn);
      case Part(long run, long msn, int part) -> HlsNames.part(run, msn, part);
      case Init(long run, long config) -> HlsNames.init(run, config);
    };
  }

  private static long hex(String text) {
    if (text.isEmpty() || text.length() > 14 || !text.chars().allMatch(HexFormat::isHexDigit)) {
      return -1;
    }
    return HexFormat.fromHexDigitsToLong(text);
  }

  private static long decimal(String text) {
    if (text.isEmpty() || text.length() > 16 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return -1;
    }
    return Long.parseLong(text);
  }
}
