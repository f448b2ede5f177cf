package dev.sluice.media.hls;

import dev.sluice.media.segment.DateRange;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/**
 * Writes a media playlist (RFC 8216, with the parts and updates of its second edition). The text is
 * a function of the playlist alone. Pure.
 */
public final class PlaylistWriter {
  static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  /** Updates and parts need it. */
  private static final int VERSION = 9;

  private static final int BYTES_PER_SEGMENT = 300;

  /** Decimal durations need it. */
  private static final int TS_VERSION = 3;

  private final MediaPlaylist playlist;
  private final HlsContainer container;
  private final StringBuilder out;

  private PlaylistWriter(MediaPlaylist playlist, HlsContainer container) {
    this.playlist = playlist;
    this.container = container;
    this.out = new StringBuilder(BYTES_PER_SEGMENT * (playlist.segments().size() + 2));
  }

  /**
   * The text, UTF-8; ASCII but for what spans of time say.
   *
   * @param skip leave out the segments that an update may skip; without any, all is written
   */
  public static String text(MediaPlaylist playlist, boolean skip) {
    return text(playlist, skip, List.of());
  }

  /**
   * The same with what other renditions list.
   *
   * @param reports the same for the whole list and for an update of it
   */
  public static String text(MediaPlaylist playlist, boolean skip, List<RenditionReport> reports) {
    PlaylistWriter writer = new PlaylistWriter(playlist, HlsContainer.MP4);
    writer.write(skip ? playlist.skippable() : 0);
    for (RenditionReport each : playlist.ended() ? List.<RenditionReport>of() : reports) {
      writer.line(
          "#EXT-X-RENDITION-REPORT:URI=\""
              + each.uri()
              + "\",LAST-MSN="
              + each.lastMsn()
              + ",LAST-PART="
              + each.lastPart());
    }
    return writer.out.toString();
  }

  /** The text of the same playlist in MPEG-TS: whole segments alone, nothing newer. */
  public static String ts(MediaPlaylist playlist) {
    return new PlaylistWriter(playlist, HlsContainer.TS).write(0);
  }

  private String write(int skipped) {
    head();
    for (DateRange range : playlist.ranges()) {
      line("#EXT-X-DATERANGE:" + range.text()); // before what an update skips, which has all too
    }
    if (skipped > 0) {
      line("#EXT-X-SKIP:SKIPPED-SEGMENTS=" + skipped);
    }
    List<ListedSegment> segments = playlist.segments();
    for (int i = skipped; i < segments.size(); i++) {
      ListedSegment segment = segments.get(i);
      segment(segment, i > 0 && segments.get(i - 1).config() == segment.config());
    }
    if (playlist.ended()) {
      line("#EXT-X-ENDLIST");
    } else if (container == HlsContainer.MP4) {
      String hint = HlsNames.part(playlist.incarnation(), playlist.nextMsn(), playlist.nextPart());
      line("#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"" + hint + "\"");
    }
    return out.toString();
  }

  private void head() {
    boolean parts = container == HlsContainer.MP4;
    line("#EXTM3U");
    line("#EXT-X-VERSION:" + (parts ? VERSION : TS_VERSION));
    line("#EXT-X-TARGETDURATION:" + playlist.targetSeconds());
    if (parts) {
      control();
    }
    ListedSegment first = playlist.segments().getFirst();
    line("#EXT-X-MEDIA-SEQUENCE:" + first.msn());
    // The tag of the first segment counts for that segment itself.
    line("#EXT-X-DISCONTINUITY-SEQUENCE:" + (first.discontinuity() - (breaks(first) ? 1 : 0)));
    if (playlist.independent()) {
      line("#EXT-X-INDEPENDENT-SEGMENTS");
    }
  }

  private void control() {
    line(
        "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK="
            + seconds(playlist.partHoldBackMs())
            + ",HOLD-BACK="
            + seconds(playlist.holdBackMs())
            + ",CAN-SKIP-UNTIL="
            + seconds(playlist.skipUntilMs()));
    line("#EXT-X-PART-INF:PART-TARGET=" + seconds(playlist.partTargetMs()));
  }

  /** Whether it is marked; one that nothing can come before is not. */
  private static boolean breaks(ListedSegment segment) {
    return segment.discontinuous() && segment.discontinuity() > 0;
  }

  private void segment(ListedSegment segment, boolean sameConfig) {
    if (container == HlsContainer.TS) {
      whole(segment);
      return;
    }
    if (breaks(segment)) {
      line("#EXT-X-DISCONTINUITY");
    }
    if (!sameConfig) {
      String init = HlsNames.init(playlist.incarnation(), segment.config());
      line("#EXT-X-MAP:URI=\"" + init + "\"");
    }
    line("#EXT-X-PROGRAM-DATE-TIME:" + DATE.format(Instant.ofEpochMilli(segment.dateMs())));
    for (int i = 0; i < segment.parts().size(); i++) {
      ListedPart part = segment.parts().get(i);
      String name = HlsNames.part(playlist.incarnation(), segment.msn(), i);
      line(
          "#EXT-X-PART:DURATION="
              + seconds(part.durationMs())
              + ",URI=\""
              + name
              + "\""
              + (part.independent() ? ",INDEPENDENT=YES" : ""));
    }
    if (segment.whole()) {
      if (segment.gap()) {
        line("#EXT-X-GAP");
      }
      line("#EXTINF:" + seconds(segment.durationMs()) + ",");
      line(HlsNames.segment(playlist.incarnation(), segment.msn()));
    }
  }

  /** A segment of MPEG-TS, if it is there already: it has its configuration in it. */
  private void whole(ListedSegment segment) {
    if (!segment.whole()) {
      return;
    }
    if (breaks(segment)) {
      line("#EXT-X-DISCONTINUITY");
    }
    line("#EXT-X-PROGRAM-DATE-TIME:" + DATE.format(Instant.ofEpochMilli(segment.dateMs())));
    if (segment.gap()) {
      line("#EXT-X-GAP");
    }
    line("#EXTINF:" + seconds(segment.durationMs()) + ",");
    line(HlsNames.ts(playlist.incarnation(), segment.msn()));
  }

  private void line(String text) {
    out.append(text).append('\n');
  }

  /** Milliseconds as decimal seconds. */
  static String seconds(int ms) {
    String fraction = Integer.toString(1000 + ms % 1000).substring(1);
    return ms / 1000 + "." + fraction;
  }
}
