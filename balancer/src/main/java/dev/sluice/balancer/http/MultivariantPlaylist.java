package dev.sluice.balancer.http;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A playlist that names the edges of a live stream, the best first, and whom to ask again
 * (draft-pantos-hls-rfc8216bis, 4.4.6). Each edge is a pathway with a variant for each rendition;
 * all edges have the same. A player that knows no steering takes the first edge, and one that knows
 * no renditions the first of these. Pure.
 *
 * @param steering where to ask again
 * @param pathways at least one, the best first
 */
record MultivariantPlaylist(String steering, List<Pathway> pathways) {
  static final String TYPE = "application/vnd.apple.mpegurl";

  /**
   * Names the variant of a stream by itself in every pathway, by which a clone of a pathway gives
   * its URI.
   */
  static final String VARIANT = "main";

  /**
   * One edge.
   *
   * @param id letters, digits and {@code . _ -}
   * @param variants at least one, the best first
   */
  record Pathway(String id, List<Variant> variants) {
    Pathway {
      variants = List.copyOf(variants);
    }
  }

  /**
   * One rendition at an edge.
   *
   * @param id the same at all edges
   * @param picture what is known of it
   * @param uri of its media playlist
   */
  record Variant(String id, StreamPicture picture, String uri) {}

  /** Copies the list. */
  MultivariantPlaylist {
    pathways = List.copyOf(pathways);
  }

  String text() {
    StringBuilder text = new StringBuilder(256 * (pathways.size() + 1));
    text.append("#EXTM3U\n#EXT-X-CONTENT-STEERING:SERVER-URI=\"")
        .append(steering)
        .append("\",PATHWAY-ID=\"")
        .append(pathways.getFirst().id())
        .append("\"\n");
    for (Pathway pathway : pathways) {
      for (Variant variant : pathway.variants()) {
        append(text, pathway.id(), variant);
      }
    }
    return text.toString();
  }

  private static void append(StringBuilder text, String pathway, Variant variant) {
    StreamPicture picture = variant.picture();
    text.append("#EXT-X-STREAM-INF:BANDWIDTH=")
        .append(picture.peakBitsPerSecond())
        .append(",AVERAGE-BANDWIDTH=")
        .append(picture.averageBitsPerSecond());
    quoted(text, "CODECS", picture.codecs().isEmpty() ? null : picture.codecs());
    if (picture.width() > 0 && picture.height() > 0) {
      text.append(",RESOLUTION=").append(picture.width()).append('x').append(picture.height());
    }
    quoted(text, "PATHWAY-ID", pathway);
    quoted(text, "STABLE-VARIANT-ID", variant.id());
    text.append('\n').append(variant.uri()).append('\n');
  }

  private static void quoted(StringBuilder text, String name, @Nullable String value) {
    if (value != null) {
      text.append(',').append(name).append("=\"").append(value).append('"');
    }
  }
}
