package dev.sluice.origin.dvr;

import dev.sluice.media.hls.ListedSegment;
import dev.sluice.media.stream.StreamKey;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the files of the DVR window are called. A segment's name says all that a playlist says of
 * it, so that a directory is its own list and cannot be out of step with one.
 *
 * <pre>
 *   live/demo/1a2b3c/                          app (a slash is a plus), name, run in hex
 *     run                                      what holds for all of it: {@link RunFile}
 *     init-77.mp4                              configuration in hex
 *     1796000000_1796000000123_2000_7_d_77_500123.m4s
 *                                number, date and length in ms, discontinuity number, d if
 *                                discontinuous or c, configuration in hex, bytes
 * </pre>
 *
 * <p>Pure.
 */
final class DvrNames {
  /** Behind the name of a file that is being written. */
  static final String PART = ".part";

  static final String RUN = "run";
  private static final Pattern SEGMENT =
      Pattern.compile(
          "(\\d{1,15})_(\\d{1,15})_(\\d{1,9})_(\\d{1,15})_([cd])_([0-9a-f]{1,14})_(\\d{1,15})\\.m4s");
  private static final Pattern INIT = Pattern.compile("init-([0-9a-f]{1,14})\\.mp4");
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{1,14}");

  private DvrNames() {}

  /** Directory of a run, below the store's. */
  static String run(StreamKey key, long incarnation) {
    return key.app().replace('/', '+') + "/" + key.name() + "/" + Long.toHexString(incarnation);
  }

  /** The stream of a directory; null when it is none. */
  static @Nullable StreamKey key(String app, String name) {
    return StreamKey.of(app.replace('+', '/'), name);
  }

  /** The run of a directory; 0 when it is none. */
  static long incarnation(String directory) {
    return HEX.matcher(directory).matches() ? HexFormat.fromHexDigitsToLong(directory) : 0;
  }

  static String segment(DvrSegment saved) {
    ListedSegment segment = saved.segment();
    return segment.msn()
        + "_"
        + segment.dateMs()
        + "_"
        + segment.durationMs()
        + "_"
        + segment.discontinuity()
        + (segment.discontinuous() ? "_d_" : "_c_")
        + Long.toHexString(segment.config())
        + "_"
        + saved.bytes()
        + ".m4s";
  }

  /** What a name says; null when it is none of a segment. */
  static @Nullable DvrSegment segment(String name) {
    Matcher said = SEGMENT.matcher(name);
    if (!said.matches()) {
      return null;
    }
    ListedSegment segment =
        new ListedSegment(
            Long.parseLong(said.group(1)),
            Long.parseLong(said.group(2)),
            Integer.parseInt(said.group(3)),
            Long.parseLong(said.group(4)),
            said.group(5).equals("d"),
            HexFormat.fromHexDigitsToLong(said.group(6)),
            true,
            List.of());
    return new DvrSegment(segment, Long.parseLong(said.group(7)));
  }

  static String init(long config) {
    return "init-" + Long.toHexString(config) + ".mp4";
  }

  /** The configuration of an initialization; 0 when it is none. */
  static long init(String name) {
    Matcher said = INIT.matcher(name);
    return said.matches() ? HexFormat.fromHexDigitsToLong(said.group(1)) : 0;
  }
}
