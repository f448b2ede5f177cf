package dev.sluice.chassis.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Dates of HTTP in their three forms (RFC 9110 section 5.6.7). Pure.
 *
 * <p>Strict about everything but upper and lower case: a date in another zone or form is none, for
 * a cache would otherwise keep what its origin wanted gone.
 *
 * <pre>
 * Sun, 06 Nov 1994 08:49:37 GMT     as it is sent
 * Sunday, 06-Nov-94 08:49:37 GMT    RFC 850
 * Sun Nov  6 08:49:37 1994          asctime
 * </pre>
 */
final class HttpDate {
  private static final List<String> MONTHS =
      List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");

  private static final String DAY = "(?:mon|tue|wed|thu|fri|sat|sun)";
  private static final String LONG_DAY =
      "(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)";
  private static final String MONTH = "(?<month>[a-z]{3})";
  private static final String TIME = "(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)";

  private static final List<Pattern> FORMS =
      List.of(
          pattern(DAY + ", (?<day>\\d\\d) " + MONTH + " (?<year>\\d{4}) " + TIME + " gmt"),
          pattern(LONG_DAY + ", (?<day>\\d\\d)-" + MONTH + "-(?<year>\\d\\d) " + TIME + " gmt"),
          pattern(DAY + " " + MONTH + " (?<day>\\d\\d| \\d) " + TIME + " (?<year>\\d{4})"));

  private static final int LONGEST = 40;

  /** Two digits below this are of this century. */
  private static final int CENTURY_PIVOT = 70;

  private HttpDate() {}

  private static Pattern pattern(String form) {
    return Pattern.compile(form, Pattern.CASE_INSENSITIVE);
  }

  /** Null when the text is no such date. */
  static @Nullable Instant parse(String text) {
    if (text.length() > LONGEST) {
      return null;
    }
    for (Pattern form : FORMS) {
      Matcher found = form.matcher(text);
      if (found.matches()) {
        return instant(found);
      }
    }
    return null;
  }

  private static @Nullable Instant instant(Matcher found) {
    int month = MONTHS.indexOf(found.group("month").toLowerCase(Locale.ROOT)) + 1;
    int year = number(found.group("year"));
    if (found.group("year").length() == 2) {
      year += year < CENTURY_PIVOT ? 2000 : 1900;
    }
    try {
      return LocalDateTime.of(
              year,
              month,
              number(found.group("day")),
              number(found.group("hour")),
              number(found.group("minute")),
              leapless(number(found.group("second"))))
          .toInstant(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      return null;
    }
  }

  /** A leap second counts as the one before it. */
  private static int leapless(int second) {
    return second == 60 ? 59 : second;
  }

  private static int number(String digits) {
    return Integer.parseInt(digits.strip());
  }
}
