package dev.sluice.origin.dvr;

import dev.sluice.media.hls.live.HlsArchive;
import dev.sluice.media.hls.live.HlsVariant;
import dev.sluice.media.segment.DateRange;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What holds for all segments of a run, as lines of text. Lines that are not known are passed over.
 *
 * <pre>
 *   dvr 1
 *   targets 2 400 true            target in seconds, part target in ms, independent segments
 *   variant 2500000 2100000 1280 720 25.0 avc1.64001f,mp4a.40.2
 *   range ID="ad-7",START-DATE="..."
 * </pre>
 *
 * <p>Pure.
 */
final class RunFile {
  private static final String FIRST = "dvr 1";
  private static final int MOST_LINES = 1_000;
  private static final int MOST_SECONDS = 3_600;
  private static final Pattern CODECS = Pattern.compile("[A-Za-z0-9.,-]{0,200}");

  /** Longest file that is read. */
  static final int MOST_BYTES = 8 << 20;

  private RunFile() {}

  static byte[] write(HlsArchive.Facts facts) {
    HlsVariant variant = facts.variant();
    StringBuilder out = new StringBuilder(FIRST).append('\n');
    out.append("targets ")
        .append(facts.targetSeconds())
        .append(' ')
        .append(facts.partTargetMs())
        .append(' ')
        .append(facts.independent())
        .append("\nvariant ")
        .append(variant.bandwidth())
        .append(' ')
        .append(variant.average())
        .append(' ')
        .append(variant.width())
        .append(' ')
        .append(variant.height())
        .append(' ')
        .append(variant.frameRate())
        .append(' ')
        .append(variant.codecs())
        .append('\n');
    for (DateRange range : facts.ranges()) {
      out.append("range ").append(range.text()).append('\n');
    }
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Null when it says too little, or what no playlist can say. */
  static HlsArchive.@Nullable Facts read(byte[] body) {
    String[] lines = new String(body, StandardCharsets.UTF_8).split("\n", MOST_LINES);
    String[] targets = null;
    HlsVariant variant = null;
    List<DateRange> ranges = new ArrayList<>();
    if (!lines[0].equals(FIRST)) {
      return null;
    }
    try {
      for (String line : lines) {
        int space = line.indexOf(' ');
        String value = line.substring(space + 1);
        switch (space < 0 ? "" : line.substring(0, space)) {
          case "targets" -> targets = value.split(" ", -1);
          case "variant" -> variant = variant(value.split(" ", 6));
          case "range" -> {
            DateRange range = DateRange.read(value);
            if (range != null) {
              ranges.add(range);
            }
          }
          default -> {}
        }
      }
      if (targets == null || variant == null) {
        return null;
      }
      int seconds = Integer.parseInt(targets[0]);
      int partMs = Integer.parseInt(targets[1]);
      boolean sound = seconds > 0 && seconds <= MOST_SECONDS && partMs >= 0 && fits(variant);
      return sound
          ? new HlsArchive.Facts(seconds, partMs, Boolean.parseBoolean(targets[2]), variant, ranges)
          : null;
    } catch (NumberFormatException | IndexOutOfBoundsException e) {
      return null;
    }
  }

  /** Whether it can stand in a playlist. */
  private static boolean fits(HlsVariant variant) {
    return variant.bandwidth() >= 0
        && variant.average() >= 0
        && Double.isFinite(variant.frameRate())
        && CODECS.matcher(variant.codecs()).matches();
  }

  private static HlsVariant variant(String[] said) {
    return new HlsVariant(
        Long.parseLong(said[0]),
        Long.parseLong(said[1]),
        said[5],
        Integer.parseInt(said[2]),
        Integer.parseInt(said[3]),
        Double.parseDouble(said[4]));
  }
}
