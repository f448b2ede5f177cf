package dev.sluice.balancer.http;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A playlist that names the edges of a live stream, the best first, and whom to ask again
 * (draft-pantos-hls-rfc8216bis, 4.4.6). Each edge is a pathway with one variant; all edges have the
 * same one. A player that knows no steering takes the first. Pure.
 *
 * @param steering where to ask again
 * @param picture what is known of the stream
 * @param pathways at least one, the best first
 */
record MultivariantPlaylist(String steering, StreamPicture picture, List<Pathway> pathways) {
  static final String TYPE = "application/vnd.apple.mpegurl";

  /** Names the one variant of every pathway, by which a clone of a pathway gives its URI. */
  static final String VARIANT = "main";

  /**
   * One edge.
   *
   * @param id letters, digits and {@code . _ -}
   * @param uri of its media playlist
   */
  record Pathway(String id, String uri) {}

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
      text.append("#EXT-X-STREAM-INF:BANDWIDTH=")
          .append(picture.peakBitsPerSecond())
          .append(",AVERAGE-BANDWIDTH=")
          .append(picture.averageBitsPerSecond());
      quoted(text, "CODECS", picture.codecs().isEmpty() ? null : picture.codecs());
      if (picture.width() > 0 && picture.height() > 0) {
        text.append(",RESOLUTION=").append(picture.width()).append('x').append(picture.height());
      }
      quoted(text, "PATHWAY-ID", pathway.id());
      quoted(text, "STABLE-VARIANT-ID", VARIANT);
      text.append('\n').append(pathway.uri()).append('\n');
    }
    return text.toString();
  }

  private static void quoted(StringBuilder text, String name, @Nullable String value) {
    if (value != null) {
      text.append(',').append(name).append("=\"").append(value).append('"');
    }
  }
}
