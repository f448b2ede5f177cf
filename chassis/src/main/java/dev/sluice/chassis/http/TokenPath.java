package dev.sluice.chassis.http;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Paths with a viewer's token in them: {@code /live/~TOKEN/NAME/…} is {@code /live/NAME/…} for who
 * holds the token. Relative URLs in a playlist inherit it, so one playlist serves all viewers. In
 * the same way {@code /vod/~TOKEN/films/one.m3u8}, and the segments that it names.
 *
 * <p>A route takes the token by the name {@value #PARAMETER}: {@code
 * /live/~{token}/{name}/index.m3u8}. A token is {@code EXPIRY.SESSION.SIGNATURE}; what signs and
 * checks it is {@code chassis.auth}. Pure.
 */
public final class TokenPath {
  /** The name by which a route takes the token. */
  public static final String PARAMETER = "token";

  private static final String PLAYLIST = ".m3u8";
  private static final String FILES = "/vod/";

  /** What is made of a film: its name, {@code .hls}, a version, and what there is of each. */
  private static final Pattern MADE =
      Pattern.compile(
          "(.+)\\.hls/[0-9A-Za-z]{1,16}/(?:init(?:[1-9][0-9]{0,6})?\\.mp4"
              + "|(?:0|[1-9][0-9]{0,6})\\.(?:m4s|ts))");

  /** Another form of a film's playlist: MPEG-TS, a clip, or both. */
  private static final Pattern FORM =
      Pattern.compile("(.+)\\.~(?:ts|(0|[1-9][0-9]{0,12})-([1-9][0-9]{0,12})?(?:\\.ts)?)\\.m3u8");

  private static final char MARK = '~';
  private static final String ESCAPED_MARK = "%7e";

  private TokenPath() {}

  /**
   * What the token in a path must be good for: {@code /live/NAME/}, of {@code
   * /live/~TOKEN/NAME.m3u8} too; {@code /vod/films/one/} of the playlists of {@code films/one} in
   * every form, and of its segments, {@code films/one.hls/VERSION/7.m4s}. Nothing else in that
   * folder, and no film whose name only looks like a form of it, is good for that.
   *
   * @param path decoded
   * @return null if there is no token in it, or nothing after it
   */
  public static @Nullable String prefix(String path) {
    int token = path.indexOf('/', 1) + 1;
    int name = path.indexOf('/', token) + 1;
    if (token == 0 || name < token + 3 || path.charAt(token) != MARK) {
      return null;
    }
    if (path.startsWith(FILES)) {
      String stem = film(path.substring(name));
      return stem == null ? null : FILES + stem + "/";
    }
    int end = path.indexOf('/', name);
    if (end < 0) {
      end = path.endsWith(PLAYLIST) ? path.length() - PLAYLIST.length() : path.length();
    }
    return end <= name ? null : path.substring(0, token) + path.substring(name, end) + "/";
  }

  /** The film that a playlist or a segment is made of; null for every other name. */
  private static @Nullable String film(String name) {
    if (!name.endsWith(PLAYLIST)) {
      Matcher made = MADE.matcher(name);
      return made.matches() ? made.group(1) : null;
    }
    Matcher form = FORM.matcher(name);
    if (form.matches() && isForm(form.group(2), form.group(3))) {
      return form.group(1);
    }
    int end = name.length() - PLAYLIST.length();
    return end == 0 ? null : name.substring(0, end);
  }

  /** Whether a clip has a length, and is less than the whole: else that is a film's own name. */
  private static boolean isForm(@Nullable String from, @Nullable String to) {
    if (from == null) {
      return true; // all of it, in MPEG-TS
    }
    long begins = Long.parseLong(from);
    return to == null ? begins > 0 : Long.parseLong(to) > begins;
  }

  /** A stream's path with a token in it, behind the first segment. */
  public static String with(String token, String path) {
    int at = path.indexOf('/', 1);
    return path.substring(0, at) + "/" + MARK + token + path.substring(at);
  }

  /** The path as it is without its token, by which servers ask one another; one without is kept. */
  public static String without(String path) {
    int token = path.indexOf('/', 1) + 1;
    int name = path.indexOf('/', token);
    return token == 0 || name < 0 || path.charAt(token) != MARK
        ? path
        : path.substring(0, token - 1) + path.substring(name);
  }

  /** The session of a token of the right form, which a viewer keeps when its token is renewed. */
  public static String session(String token) {
    int from = token.indexOf('.') + 1;
    return token.substring(from, Math.max(from, token.lastIndexOf('.')));
  }

  /** The path for logs: without the signature, so that nobody who reads them can watch by it. */
  public static String unsigned(String rawPath) {
    int token = rawPath.indexOf('/', 1) + 1;
    int name = rawPath.indexOf('/', token);
    if (token == 0 || name < 0) {
      return rawPath;
    }
    boolean escaped = rawPath.regionMatches(true, token, ESCAPED_MARK, 0, ESCAPED_MARK.length());
    if (rawPath.charAt(token) != MARK && !escaped) {
      return rawPath;
    }
    int from = token + (escaped ? ESCAPED_MARK.length() : 1);
    int signature = Math.max(from, rawPath.lastIndexOf('.', name - 1));
    return rawPath.substring(0, token)
        + MARK
        + rawPath.substring(from, signature)
        + rawPath.substring(name);
  }
}
