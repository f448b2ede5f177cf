package dev.sluice.media.hls;

import dev.sluice.media.hls.PlaylistException.Reason;
import dev.sluice.media.segment.DateRange;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the media playlists that {@link PlaylistWriter} writes: whole ones, not updates. Tags that
 * ours do not have are passed over; where a number is not what it must be, the list is refused.
 *
 * <p>Bounded: {@value #MOST_CHARACTERS} characters, {@value #MOST_SEGMENTS} segments, {@value
 * #MOST_PARTS} parts each.
 *
 * <p>Threading: one reader a text. Pure.
 */
public final class PlaylistReader {
  static final int MOST_CHARACTERS = 4 << 20;
  static final int MOST_SEGMENTS = 20_000;
  static final int MOST_PARTS = 1_000;

  private static final long MOST = 1L << 53;
  private static final int MOST_SECONDS = 3600;
  private static final Pattern SECONDS = Pattern.compile("(\\d{1,6})(?:\\.(\\d{1,3})\\d{0,9})?");
  private static final Pattern MEDIA_NAME =
      Pattern.compile("([0-9a-f]{1,14})/(\\d{1,16})(?:\\.(\\d{1,6}))?\\.m4s");
  private static final Pattern INIT_NAME =
      Pattern.compile("([0-9a-f]{1,14})/init-([0-9a-f]{1,14})\\.mp4");
  private static final Pattern QUOTED_URI = Pattern.compile("[:,]URI=\"([^\"]{0,200})\"");
  private static final Pattern PART_LENGTH = Pattern.compile("[:,]DURATION=([0-9.]{1,12})(?:,|$)");
  private static final Pattern PART_TARGET =
      Pattern.compile("[:,]PART-TARGET=([0-9.]{1,12})(?:,|$)");

  private final List<ListedSegment> segments = new ArrayList<>();
  private final List<ListedPart> parts = new ArrayList<>();
  private final List<DateRange> ranges = new ArrayList<>();
  private long incarnation;
  private int targetSeconds;
  private int partTargetMs;
  private boolean independent;
  private boolean ended;
  private long msn = -1;
  private long discontinuity = -1;
  private long config = -1;
  private long dateMs = -1;
  private int durationMs = -1;
  private boolean discontinuous;
  private boolean gap;
  private long nextMsn = -1;
  private int nextPart;

  private PlaylistReader() {}

  /**
   * Reads a playlist.
   *
   * @throws PlaylistException when it is none of ours
   */
  public static MediaPlaylist read(String text) throws PlaylistException {
    return new PlaylistReader().whole(text);
  }

  private MediaPlaylist whole(String text) throws PlaylistException {
    if (text.length() > MOST_CHARACTERS) {
      throw new PlaylistException(
          Reason.TOO_LARGE,
          text.length() + " characters (expected: at most " + MOST_CHARACTERS + ")");
    }
    if (!text.startsWith("#EXTM3U\n") && !text.startsWith("#EXTM3U\r\n")) {
      throw new PlaylistException(
          Reason.NOT_A_PLAYLIST, "no #EXTM3U (expected: in the first line)");
    }
    int at = 0;
    while (at < text.length()) {
      int end = text.indexOf('\n', at);
      int next = end < 0 ? text.length() : end;
      line(text.substring(at, next).stripTrailing());
      at = next + 1;
    }
    return finish();
  }

  private MediaPlaylist finish() throws PlaylistException {
    if (!parts.isEmpty()) {
      int sum = 0;
      for (ListedPart part : parts) {
        sum += part.durationMs();
      }
      add(sum, false);
    }
    if (segments.isEmpty() || targetSeconds == 0 || partTargetMs == 0) {
      throw new PlaylistException(
          Reason.INCOMPLETE,
          segments.size()
              + " segments, targets "
              + targetSeconds
              + " s and "
              + partTargetMs
              + " ms (expected: all known)");
    }
    if (nextMsn < 0) {
      ListedSegment last = segments.getLast();
      nextMsn = last.whole() ? last.msn() + 1 : last.msn();
      nextPart = last.whole() ? 0 : last.parts().size();
    }
    return new MediaPlaylist(
        incarnation,
        targetSeconds,
        partTargetMs,
        independent,
        segments,
        ended,
        nextMsn,
        nextPart,
        ranges);
  }

  private void line(String line) throws PlaylistException {
    if (line.isEmpty()) {
      return;
    }
    if (line.charAt(0) != '#') {
      segment(line);
      return;
    }
    int colon = line.indexOf(':');
    String tag = colon < 0 ? line : line.substring(0, colon);
    String value = colon < 0 ? "" : line.substring(colon + 1);
    switch (tag) {
      case "#EXT-X-TARGETDURATION" -> targetSeconds = (int) number(line, value, MOST_SECONDS);
      case "#EXT-X-PART-INF" -> partTargetMs = milliseconds(line, attribute(PART_TARGET, line));
      case "#EXT-X-MEDIA-SEQUENCE" -> msn = number(line, value, MOST);
      case "#EXT-X-DISCONTINUITY-SEQUENCE" -> discontinuity = number(line, value, MOST);
      case "#EXT-X-INDEPENDENT-SEGMENTS" -> independent = true;
      case "#EXT-X-DISCONTINUITY" -> {
        discontinuous = true;
        discontinuity++;
      }
      case "#EXT-X-DATERANGE" -> range(value);
      case "#EXT-X-GAP" -> gap = true;
      case "#EXT-X-MAP" -> map(line);
      case "#EXT-X-PROGRAM-DATE-TIME" -> dateMs = date(line, value);
      case "#EXT-X-PART" -> part(line);
      case "#EXTINF" -> {
        int comma = value.indexOf(',');
        durationMs = milliseconds(line, comma < 0 ? value : value.substring(0, comma));
      }
      case "#EXT-X-PRELOAD-HINT" -> hint(line);
      case "#EXT-X-ENDLIST" -> ended = true;
      case "#EXT-X-SKIP" -> throw bad(line, "a whole list");
      default -> {}
    }
  }

  private void range(String value) {
    DateRange range = ranges.size() < KnownRanges.MOST_LISTED ? DateRange.read(value) : null;
    if (range != null) {
      ranges.add(range);
    }
  }

  private void map(String line) throws PlaylistException {
    Matcher name = INIT_NAME.matcher(attribute(QUOTED_URI, line));
    if (!name.matches()) {
      throw bad(line, "INCARNATION/init-CONFIG.mp4");
    }
    incarnation(line, name.group(1));
    config = HexFormat.fromHexDigitsToLong(name.group(2));
  }

  private void part(String line) throws PlaylistException {
    Matcher name = MEDIA_NAME.matcher(attribute(QUOTED_URI, line));
    if (!name.matches() || name.group(3) == null || parts.size() >= MOST_PARTS) {
      throw bad(line, "INCARNATION/MSN.PART.m4s, at most " + MOST_PARTS + " of a segment");
    }
    incarnation(line, name.group(1));
    expect(line, Long.parseLong(name.group(2)), msn);
    expect(line, Integer.parseInt(name.group(3)), parts.size());
    int length = milliseconds(line, attribute(PART_LENGTH, line));
    parts.add(new ListedPart(length, line.contains(",INDEPENDENT=YES")));
  }

  private void segment(String line) throws PlaylistException {
    Matcher name = MEDIA_NAME.matcher(line);
    if (!name.matches() || name.group(3) != null || durationMs < 0) {
      throw bad(line, "INCARNATION/MSN.m4s behind #EXTINF");
    }
    incarnation(line, name.group(1));
    expect(line, Long.parseLong(name.group(2)), msn);
    add(durationMs, true);
  }

  private void add(int length, boolean isWhole) throws PlaylistException {
    if (msn < 0 || discontinuity < 0 || config < 0 || dateMs < 0) {
      throw new PlaylistException(
          Reason.INCOMPLETE,
          "segment " + msn + ": no number, discontinuity, map or date (expected: all)");
    }
    if (segments.size() >= MOST_SEGMENTS) {
      throw new PlaylistException(
          Reason.TOO_LARGE, "more segments than " + MOST_SEGMENTS + " (expected: at most as many)");
    }
    segments.add(
        new ListedSegment(
            msn, dateMs, length, discontinuity, discontinuous, config, isWhole, parts, gap));
    msn++;
    parts.clear();
    discontinuous = false;
    gap = false;
    durationMs = -1;
    dateMs = -1;
  }

  private void hint(String line) throws PlaylistException {
    Matcher name = MEDIA_NAME.matcher(attribute(QUOTED_URI, line));
    if (!name.matches() || name.group(3) == null) {
      throw bad(line, "INCARNATION/MSN.PART.m4s");
    }
    nextMsn = Long.parseLong(name.group(2));
    nextPart = Integer.parseInt(name.group(3));
  }

  private void incarnation(String line, String hex) throws PlaylistException {
    long named = HexFormat.fromHexDigitsToLong(hex);
    if (incarnation == 0) {
      incarnation = named;
    }
    expect(line, named, incarnation);
  }

  // ---- values

  private static PlaylistException bad(String line, String expected) {
    String shown = line.length() > 120 ? line.substring(0, 120) + "..." : line;
    return new PlaylistException(Reason.BAD_LINE, shown + " (expected: " + expected + ")");
  }

  private static void expect(String line, long given, long expected) throws PlaylistException {
    if (given != expected) {
      throw bad(line, Long.toString(expected));
    }
  }

  private static String attribute(Pattern pattern, String line) throws PlaylistException {
    Matcher found = pattern.matcher(line);
    @Nullable String value = found.find() ? found.group(1) : null;
    if (value == null) {
      throw bad(line, pattern.pattern());
    }
    return value;
  }

  private static long number(String line, String value, long most) throws PlaylistException {
    boolean digits = !value.isEmpty() && value.length() <= 16;
    for (int i = 0; digits && i < value.length(); i++) {
      digits = value.charAt(i) >= '0' && value.charAt(i) <= '9';
    }
    if (!digits || Long.parseLong(value) > most) {
      throw bad(line, "a number up to " + most);
    }
    return Long.parseLong(value);
  }

  private static int milliseconds(String line, String value) throws PlaylistException {
    Matcher seconds = SECONDS.matcher(value);
    if (!seconds.matches()) {
      throw bad(line, "seconds");
    }
    String fraction = seconds.group(2) == null ? "" : seconds.group(2);
    int ms = fraction.isEmpty() ? 0 : Integer.parseInt((fraction + "00").substring(0, 3));
    return Integer.parseInt(seconds.group(1)) * 1000 + ms;
  }

  private static long date(String line, String value) throws PlaylistException {
    try {
      long ms = Instant.parse(value).toEpochMilli();
      if (ms >= 0) {
        return ms;
      }
    } catch (DateTimeParseException | ArithmeticException e) {
      // said below
    }
    throw bad(line, "a time such as 2026-01-01T00:00:00.000Z");
  }
}
