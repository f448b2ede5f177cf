package dev.sluice.origin.files;

import dev.sluice.media.vod.VodListQuery;
import dev.sluice.media.vod.VodSegments;
import dev.sluice.media.vod.VodSegments.Segment;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Writes the media playlist of a stored file (RFC 8216): of the whole, or of a clip. A clip has the
 * segments of the whole that it touches, under the same names, and says where in the first one it
 * begins. Pure.
 */
final class VodPlaylist {
  private static final int FRAGMENTS_VERSION = 7;
  private static final int TS_VERSION = 6; // EXT-X-START and INDEPENDENT-SEGMENTS need it

  private VodPlaylist() {}

  /** Why there is no such clip, as a sentence without its stop; null when there is. */
  static @Nullable String fault(VodSegments segments, VodListQuery query) {
    return query.fromMs() < segments.durationMs()
        ? null
        : String.format(
            Locale.ROOT,
            "from: %.3f (expected: below %.3f, the length of the file)",
            query.fromMs() / 1e3,
            segments.durationMs() / 1e3);
  }

  /**
   * The text.
   *
   * @param query one without a {@link #fault}
   * @param folder address of the segments, relative to the playlist
   */
  static String text(VodSegments segments, VodListQuery query, String folder) {
    long zero = segments.all().getFirst().startMs();
    List<Segment> listed =
        segments.all().stream()
            .filter(s -> s.endMs() - zero > query.fromMs() && s.startMs() - zero < query.toMs())
            .toList();
    StringBuilder out = new StringBuilder(200 + 60 * listed.size());
    out.append("#EXTM3U\n#EXT-X-VERSION:")
        .append(query.ts() ? TS_VERSION : FRAGMENTS_VERSION)
        .append("\n#EXT-X-TARGETDURATION:")
        .append(segments.targetSeconds())
        .append("\n#EXT-X-MEDIA-SEQUENCE:")
        .append(listed.getFirst().number())
        .append("\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n");
    long before =
        segments.all().stream()
            .limit(listed.getFirst().number() + 1L)
            .filter(Segment::discontinuity)
            .count();
    if (before > 0) {
      out.append("#EXT-X-DISCONTINUITY-SEQUENCE:").append(before).append('\n');
    }
    if (query.clip()) {
      long offsetMs = Math.max(0, query.fromMs() - (listed.getFirst().startMs() - zero));
      out.append(
          String.format(
              Locale.ROOT, "#EXT-X-START:TIME-OFFSET=%.3f,PRECISE=YES\n", offsetMs / 1e3));
    }
    int config = -1;
    for (Segment segment : listed) {
      if (segment.discontinuity() && !segment.equals(listed.getFirst())) {
        out.append("#EXT-X-DISCONTINUITY\n");
      }
      if (!query.ts() && segment.config() != config) {
        config = segment.config();
        out.append("#EXT-X-MAP:URI=\"").append(folder).append(HlsName.init(config)).append("\"\n");
      }
      out.append(String.format(Locale.ROOT, "#EXTINF:%.3f,\n", segment.durationMs() / 1e3))
          .append(folder)
          .append(HlsName.segment(segment.number(), query.ts()))
          .append('\n');
    }
    return out.append("#EXT-X-ENDLIST\n").toString();
  }
}
