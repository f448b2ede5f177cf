package dev.sluice.app;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;

/** How quantities are written on the command line. */
final class OptionForms {
  private OptionForms() {}

  /** {@code 24s}, {@code 500ms}, {@code 2m}, {@code 1h}. */
  static final class OfDuration implements ITypeConverter<Duration> {
    private static final Pattern FORM = Pattern.compile("(\\d+)(ms|s|m|h)");

    @Override
    public Duration convert(String value) {
      Matcher matcher = match(FORM, value, "a duration such as 500ms, 24s, 2m");
      long number = Long.parseLong(matcher.group(1));
      return switch (matcher.group(2)) {
        case "ms" -> Duration.ofMillis(number);
        case "s" -> Duration.ofSeconds(number);
        case "m" -> Duration.ofMinutes(number);
        default -> Duration.ofHours(number);
      };
    }
  }

  /** {@code 400/s} or {@code 400}. */
  static final class OfRate implements ITypeConverter<Double> {
    private static final Pattern FORM = Pattern.compile("(\\d+(?:\\.\\d+)?)(?:/s)?");

    @Override
    public Double convert(String value) {
      return Double.valueOf(match(FORM, value, "a rate such as 400/s").group(1));
    }
  }

  /** {@code 500k} or {@code 2.5M}, in bit/s. */
  static final class OfBitrate implements ITypeConverter<Long> {
    private static final Pattern FORM = Pattern.compile("(\\d+(?:\\.\\d+)?)([kM]?)");

    @Override
    public Long convert(String value) {
      Matcher matcher = match(FORM, value, "a bit rate such as 500k or 2.5M");
      double factor =
          switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
            case "k" -> 1e3;
            case "m" -> 1e6;
            default -> 1;
          };
      return (long) (Double.parseDouble(matcher.group(1)) * factor);
    }
  }

  private static Matcher match(Pattern form, String value, String expected) {
    Matcher matcher = form.matcher(value);
    if (!matcher.matches()) {
      throw new CommandLine.TypeConversionException(value + " (expected: " + expected + ")");
    }
    return matcher;
  }
}
