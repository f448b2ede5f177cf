package dev.sluice.edge.cache;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.Set;

/**
 * Answers of an origin to what was not asked: a refusal of a range where none was given, of a body,
 * of a login at a proxy. They are the origin's fault and never the viewer's. Pure.
 */
final class UnaskedAnswer {
  private static final int PARTIAL = 206;
  private static final int NOT_MODIFIED = 304;
  private static final int NOT_ACCEPTABLE = 406;
  private static final int CONDITION_FAILED = 412;
  private static final int BAD_RANGE = 416;

  /** What a GET without a body, conditions and ranges cannot deserve. */
  private static final Set<Integer> NEVER =
      Set.of(NOT_ACCEPTABLE, 407, 411, CONDITION_FAILED, 413, 415, BAD_RANGE, 417, 421, 422, 426);

  private UnaskedAnswer() {}

  /**
   * Whether it is one to a GET whose range and conditions were looked at already. A playlist in
   * MPEG-TS is asked for as such, and may not be had of a film.
   */
  static boolean is(int status, String path) {
    boolean form = path.endsWith(".ts.m3u8") || path.endsWith(".~ts.m3u8");
    return is(status) && !(status == NOT_ACCEPTABLE && form);
  }

  private static boolean is(int status) {
    return NEVER.contains(status);
  }

  /** Whether it is one to a request with these headers. */
  static boolean is(int status, HttpHeaders request) {
    return switch (status) {
      case PARTIAL, BAD_RANGE -> !request.contains("Range");
      case NOT_MODIFIED ->
          !request.contains("If-None-Match") && !request.contains("If-Modified-Since");
      case CONDITION_FAILED ->
          !request.contains("If-Match") && !request.contains("If-Unmodified-Since");
      case NOT_ACCEPTABLE -> !request.contains("Accept");
      default -> is(status);
    };
  }
}
