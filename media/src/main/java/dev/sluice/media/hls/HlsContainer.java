package dev.sluice.media.hls;

import org.jspecify.annotations.Nullable;

/** In what segments are wrapped, as {@code ?container=} of a playlist says. Pure. */
public enum HlsContainer {
  /** Fragmented MP4, with parts. */
  MP4,
  /** MPEG-TS in whole segments, for players that know nothing else. */
  TS;

  /** The parameter of a playlist's address. */
  public static final String PARAMETER = "container";

  /** What is added to the address of a media playlist. */
  public String query() {
    return this == TS ? "?" + PARAMETER + "=ts" : "";
  }

  /**
   * Reads the parameter.
   *
   * @param value null when it is not given
   * @throws IllegalArgumentException with a sentence for the client
   */
  public static HlsContainer of(@Nullable String value) {
    if (value == null) {
      return MP4;
    }
    return switch (value) {
      case "ts" -> TS;
      case "mp4", "" -> MP4;
      default ->
          throw new IllegalArgumentException(
              PARAMETER + ": " + value + " (expected: ts, or mp4, which is what comes without it)");
    };
  }
}
