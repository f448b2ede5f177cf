package dev.sluice.media.hls;

import java.util.Locale;

/** Writes a multivariant playlist. Pure. */
public final class MultivariantPlaylist {
  private MultivariantPlaylist() {}

  /**
   * One form in which a stream can be had.
   *
   * @param uri of its media playlist, relative to this one
   * @param bandwidth bits per second of its largest segment
   * @param average bits per second
   * @param codecs names of RFC 6381, separated by commas
   * @param width of the picture; 0 = no picture, or not known
   * @param height of the picture
   * @param frameRate pictures per second; 0 = no picture, or not known
   */
  public record Variant(
      String uri,
      long bandwidth,
      long average,
      String codecs,
      int width,
      int height,
      double frameRate) {}

  /** The text, ASCII. */
  public static String text(Variant... variants) {
    StringBuilder out = new StringBuilder(256);
    // Whether segments are independent is said in each media playlist: here it would be of all.
    out.append("#EXTM3U\n#EXT-X-VERSION:9\n");
    for (Variant variant : variants) {
      out.append("#EXT-X-STREAM-INF:BANDWIDTH=").append(variant.bandwidth());
      out.append(",AVERAGE-BANDWIDTH=").append(variant.average());
      if (!variant.codecs().isEmpty()) {
        out.append(",CODECS=\"").append(variant.codecs()).append('"');
      }
      if (variant.width() > 0 && variant.height() > 0) {
        out.append(",RESOLUTION=").append(variant.width()).append('x').append(variant.height());
      }
      if (variant.frameRate() > 0) {
        out.append(String.format(Locale.ROOT, ",FRAME-RATE=%.3f", variant.frameRate()));
      }
      out.append('\n').append(variant.uri()).append('\n');
    }
    return out.toString();
  }
}
