package dev.sluice.lab.hls;

import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a player needs of a media playlist (RFC 8216 and its second edition's draft).
 *
 * @param targetMs target duration
 * @param holdBackMs how far behind the end a player starts
 * @param blocks whether the server holds a request until what it names is there
 * @param pieces parts where they are listed, whole segments elsewhere, in order
 * @param nextMsn media sequence number of what comes next
 * @param nextPart its part; -1 where there are no parts
 * @param ended nothing will come any more
 */
record Playlist(
    double targetMs,
    double holdBackMs,
    boolean blocks,
    List<Piece> pieces,
    long nextMsn,
    int nextPart,
    boolean ended) {
  private static final Pattern ATTRIBUTE = Pattern.compile("([A-Z0-9-]+)=(\"[^\"]*\"|[^,]*)");
  private static final double HOLD_BACK_TARGETS = 3;

  /**
   * Something to fetch.
   *
   * @param part its number in its segment; -1 for the whole segment
   * @param endMs time of day at its end; 0 when the playlist does not say
   * @param independent whether a player can begin with it
   */
  record Piece(String uri, long msn, int part, double durationMs, long endMs, boolean independent) {

    boolean after(long otherMsn, int otherPart) {
      return msn > otherMsn || (msn == otherMsn && part > otherPart);
    }
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException for what is no media playlist
   */
  static Playlist read(String text) {
    if (!text.startsWith("#EXTM3U") || !text.contains("#EXT-X-TARGETDURATION")) {
      throw new IllegalArgumentException("no media playlist");
    }
    Reader reader = new Reader();
    text.lines().forEach(reader::line);
    return reader.playlist();
  }

  /** Reads line by line. */
  private static final class Reader {
    private final List<Piece> pieces = new ArrayList<>();
    private double targetMs;
    private double partTargetMs;
    private double holdBackMs;
    private double partHoldBackMs;
    private boolean blocks;
    private boolean ended;
    private long msn;
    private int parts;
    private double segmentMs;
    private double timeMs;

    void line(String line) {
      int colon = line.indexOf(':');
      String tag = colon < 0 ? line : line.substring(0, colon);
      String value = colon < 0 ? "" : line.substring(colon + 1);
      switch (tag) {
        case "#EXT-X-TARGETDURATION" -> targetMs = Double.parseDouble(value) * 1e3;
        case "#EXT-X-MEDIA-SEQUENCE" -> msn = Long.parseLong(value);
        case "#EXT-X-PART-INF" -> partTargetMs = seconds(value, "PART-TARGET");
        case "#EXT-X-SERVER-CONTROL" -> {
          blocks = "YES".equals(attribute(value, "CAN-BLOCK-RELOAD"));
          holdBackMs = seconds(value, "HOLD-BACK");
          partHoldBackMs = seconds(value, "PART-HOLD-BACK");
        }
        case "#EXT-X-PROGRAM-DATE-TIME" -> timeMs = date(value);
        case "#EXTINF" ->
            segmentMs = Double.parseDouble(value.replace(",", " ").split(" ")[0]) * 1e3;
        case "#EXT-X-PART" -> {
          double durationMs = seconds(value, "DURATION");
          boolean independent = "YES".equals(attribute(value, "INDEPENDENT"));
          add(attribute(value, "URI"), parts++, durationMs, independent);
        }
        case "#EXT-X-ENDLIST" -> ended = true;
        default -> {
          if (!line.isEmpty() && line.charAt(0) != '#') {
            if (parts == 0) {
              add(line, -1, segmentMs, true);
            }
            msn++;
            parts = 0;
          }
        }
      }
    }

    private void add(String uri, int part, double durationMs, boolean independent) {
      timeMs += timeMs == 0 ? 0 : durationMs;
      pieces.add(new Piece(uri, msn, part, durationMs, (long) timeMs, independent));
    }

    Playlist playlist() {
      boolean low = partTargetMs > 0;
      double back = low ? partHoldBackMs : holdBackMs;
      return new Playlist(
          targetMs,
          back > 0 ? back : HOLD_BACK_TARGETS * (low ? partTargetMs : targetMs),
          blocks,
          List.copyOf(pieces),
          msn,
          low ? parts : -1,
          ended);
    }

    private static String attribute(String list, String name) {
      Matcher matcher = ATTRIBUTE.matcher(list);
      while (matcher.find()) {
        if (matcher.group(1).equals(name)) {
          String value = matcher.group(2);
          return value.startsWith("\"") ? value.substring(1, value.length() - 1) : value;
        }
      }
      return "";
    }

    private static double seconds(String list, String name) {
      String value = attribute(list, name);
      return value.isEmpty() ? 0 : Double.parseDouble(value) * 1e3;
    }

    private static double date(String value) {
      try {
        return OffsetDateTime.parse(value).toInstant().toEpochMilli();
      } catch (DateTimeParseException e) {
        return 0;
      }
    }
  }

  /** Where a player begins: the last piece at least the hold-back behind the end. */
  int start() {
    double behind = 0;
    int at = pieces.size();
    while (at > 0 && !(behind >= holdBackMs && pieces.get(at).independent())) {
      behind += pieces.get(--at).durationMs();
    }
    return at;
  }
}
