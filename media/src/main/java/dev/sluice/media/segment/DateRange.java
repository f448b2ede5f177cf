package dev.sluice.media.segment;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is told of a span of time of a live stream, such as an advert or a title: {@code
 * EXT-X-DATERANGE} of RFC 8216. Its text is the tag's list of attributes, which is also how it
 * travels, so that whatever is one can stand in a playlist. Pure.
 *
 * @param id names it among those of its stream: 1 to {@value #MOST_ID} characters
 * @param kind what it is ({@code CLASS}); empty = not said
 * @param startMs when it begins, by the dates of the playlist: milliseconds since the Unix epoch
 * @param durationMs how long it lasts, 0 for a moment; {@link #OPEN} while that is not known
 * @param attributes of the client's own ({@code X-...}) with text, and those of SCTE-35 with {@code
 *     0x...}
 */
public record DateRange(
    String id, String kind, long startMs, long durationMs, Map<String, String> attributes) {
  /** {@link #durationMs} of one whose end is not known yet. */
  public static final long OPEN = -1;

  /** Longest identifier. */
  public static final int MOST_ID = 64;

  /** Longest class. */
  public static final int MOST_KIND = 128;

  /** Most attributes. */
  public static final int MOST_ATTRIBUTES = 16;

  /** Longest value of one. */
  public static final int MOST_VALUE = 512;

  /** Longest one in all, as text. */
  public static final int MOST_CHARACTERS = 4096;

  /** One that is open is forgotten after so long, as nobody may ever close it. */
  public static final long LONGEST_MS = 86_400_000;

  private static final long LAST_MS = 253_402_300_799_999L;
  private static final Pattern NAME = Pattern.compile("X-[A-Z0-9-]{1,62}");
  private static final Pattern SCTE35 = Pattern.compile("SCTE35-(?:CMD|OUT|IN)");
  private static final Pattern HEX = Pattern.compile("0[xX](?:[0-9a-fA-F]{2}){1,250}");
  private static final Pattern ATTRIBUTE =
      Pattern.compile("([A-Z0-9-]{1,64})=(\"[^\"]{0,1024}\"|[^\",]{1,1024})(,|$)");
  private static final Pattern SECONDS = Pattern.compile("(\\d{1,10})(?:\\.(\\d{1,3})\\d{0,9})?");
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  /** Rejects, with a sentence, what would break a playlist; sorts the attributes. */
  public DateRange {
    text("id", id, 1, MOST_ID);
    text("class", kind, 0, MOST_KIND);
    if (startMs < 0 || startMs > LAST_MS) {
      throw new IllegalArgumentException(
          "start: " + startMs + " ms (expected: a time from 1970 to 9999)");
    }
    if (durationMs != OPEN && (durationMs < 0 || durationMs > LONGEST_MS)) {
      throw new IllegalArgumentException(
          "duration: " + durationMs + " ms (expected: 0 to " + LONGEST_MS + ", a day)");
    }
    if (attributes.size() > MOST_ATTRIBUTES) {
      throw new IllegalArgumentException(
          "attributes: " + attributes.size() + " (expected: at most " + MOST_ATTRIBUTES + ")");
    }
    attributes.forEach(DateRange::attribute);
    attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
    int length = write(id, kind, startMs, durationMs, attributes).length();
    if (length > MOST_CHARACTERS) {
      throw new IllegalArgumentException(
          "range: " + length + " characters (expected: at most " + MOST_CHARACTERS + " in all)");
    }
  }

  private static void attribute(String name, String value) {
    if (SCTE35.matcher(name).matches()) {
      if (!HEX.matcher(value).matches()) {
        throw new IllegalArgumentException(
            name + ": \"" + shown(value) + "\" (expected: 0x and up to 250 bytes in hexadecimal)");
      }
      return;
    }
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "attribute: \""
              + shown(name)
              + "\" (expected: X- and A to Z, 0 to 9 or -, or SCTE35-CMD, -OUT or -IN)");
    }
    text(name, value, 0, MOST_VALUE);
  }

  /** What can stand between quotes: no quotes, no ends of lines, nothing else that is no text. */
  private static void text(String name, String value, int least, int most) {
    boolean fits = value.length() >= least && value.length() <= most;
    for (int i = 0; fits && i < value.length(); i++) {
      char c = value.charAt(i);
      fits =
          c != '"'
              && !Character.isISOControl(c)
              && c != '\u2028'
              && c != '\u2029'
              && (Character.isSurrogate(c) ? paired(value, i) : Character.isDefined(c));
    }
    if (!fits) {
      throw new IllegalArgumentException(
          name
              + ": \""
              + shown(value)
              + "\" (expected: "
              + least
              + " to "
              + most
              + " characters, no double quotes and no control characters)");
    }
  }

  private static boolean paired(String text, int at) {
    return Character.isHighSurrogate(text.charAt(at))
        ? at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1))
        : at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
  }

  private static String shown(String text) {
    String start = text.length() > 40 ? text.substring(0, 40) + "..." : text;
    return start.replaceAll("[\\p{Cntrl}\\p{Cs}\"]", "?");
  }

  /** When it ends, at the latest. */
  public long endMs() {
    return startMs + (durationMs == OPEN ? LONGEST_MS : durationMs);
  }

  /**
   * This with what a later one of the same name adds: its end, where that was not known.
   *
   * @return null when the later one says something else of what is known already
   */
  public @Nullable DateRange and(DateRange later) {
    boolean same =
        id.equals(later.id)
            && kind.equals(later.kind)
            && startMs == later.startMs
            && attributes.equals(later.attributes);
    if (!same
        || (durationMs != OPEN && later.durationMs != OPEN && durationMs != later.durationMs)) {
      return null;
    }
    return durationMs == OPEN ? later : this;
  }

  /** The attributes as the tag has them, in one order for all servers. */
  public String text() {
    return write(id, kind, startMs, durationMs, attributes);
  }

  private static String write(
      String id, String kind, long startMs, long durationMs, Map<String, String> attributes) {
    StringBuilder out = new StringBuilder(128).append("ID=\"").append(id).append('"');
    if (!kind.isEmpty()) {
      out.append(",CLASS=\"").append(kind).append('"');
    }
    out.append(",START-DATE=\"").append(DATE.format(Instant.ofEpochMilli(startMs))).append('"');
    if (durationMs != OPEN) {
      String fraction = Long.toString(1000 + durationMs % 1000).substring(1);
      out.append(",DURATION=").append(durationMs / 1000).append('.').append(fraction);
    }
    attributes.forEach(
        (name, value) -> {
          String quote = name.startsWith("X-") ? "\"" : "";
          out.append(',').append(name).append('=').append(quote).append(value).append(quote);
        });
    return out.toString();
  }

  /**
   * Reads what {@link #text} writes; attributes that ours do not have are passed over.
   *
   * @return null when it is none
   */
  public static @Nullable DateRange read(String text) {
    Map<String, String> all = new TreeMap<>();
    Matcher each = ATTRIBUTE.matcher(text);
    int at = 0;
    while (at < text.length() && text.length() <= MOST_CHARACTERS) {
      if (!each.find() || each.start() != at) {
        return null;
      }
      String value = each.group(2);
      all.put(
          each.group(1), value.startsWith("\"") ? value.substring(1, value.length() - 1) : value);
      at = each.end();
    }
    try {
      String id = all.remove("ID");
      String start = all.remove("START-DATE");
      String duration = all.remove("DURATION");
      String kind = all.remove("CLASS");
      all.keySet().removeIf(name -> !name.startsWith("X-") && !SCTE35.matcher(name).matches());
      return id == null || start == null
          ? null
          : new DateRange(
              id,
              kind == null ? "" : kind,
              Instant.parse(start).toEpochMilli(),
              duration == null ? OPEN : milliseconds(duration),
              all);
    } catch (DateTimeException | ArithmeticException | IllegalArgumentException e) {
      return null;
    }
  }

  private static long milliseconds(String seconds) {
    Matcher parts = SECONDS.matcher(seconds);
    if (!parts.matches()) {
      throw new IllegalArgumentException("duration: " + seconds + " (expected: seconds)");
    }
    String fraction = parts.group(2) == null ? "" : parts.group(2);
    return Long.parseLong(parts.group(1)) * 1000
        + Integer.parseInt((fraction + "000").substring(0, 3));
  }
}
