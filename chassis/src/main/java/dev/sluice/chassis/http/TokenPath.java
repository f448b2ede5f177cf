package dev.sluice.chassis.http;

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
  private static final String FOLDER = ".hls/";
  private static final String FORM = ".~";

  /** What follows {@link #FORM} in names of playlists: a clip, MPEG-TS, or both. */
  private static final Pattern FORMS = Pattern.compile("ts|[0-9]+-[0-9]*(\\.ts)?");

  /** What follows {@link #FOLDER}, and no stored file's name that merely begins so. */
  private static final Pattern MEDIA =
      Pattern.compile("[0-9A-Za-z]+/(init\\.mp4|[0-9]+\\.(m4s|ts))");

  private static final char MARK = '~';
  private static final String ESCAPED_MARK = "%7e";

  private TokenPath() {}

  /**
   * What the token in a path must be good for: {@code /live/NAME/}, of {@code
   * /live/~TOKEN/NAME.m3u8} too; {@code /vod/films/one/} of the playlists of {@code films/one} in
   * every form, and of its segments, {@code films/one.hls/VERSION/7.m4s}.
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
      int stem = path.endsWith(PLAYLIST) ? listStem(path, name) : mediaStem(path);
      return stem <= name ? null : FILES + path.substring(name, stem) + "/";
    }
    int end = path.indexOf('/', name);
    if (end < 0) {
      end = path.endsWith(PLAYLIST) ? path.length() - PLAYLIST.length() : path.length();
    }
    return end <= name ? null : path.substring(0, token) + path.substring(name, end) + "/";
  }

  /** Where the name of a file's playlist ends, without what says in which form. */
  private static int listStem(String path, int name) {
    int end = path.length() - PLAYLIST.length();
    int form = path.lastIndexOf(FORM, end);
    return form > Math.max(name, path.lastIndexOf('/'))
            && FORMS.matcher(path).region(form + FORM.length(), end).matches()
        ? form
        : end;
  }

  /** Where the name of a file ends in the path of a segment of it; -1 when it is none. */
  private static int mediaStem(String path) {
    int folder = path.lastIndexOf(FOLDER);
    boolean media =
        folder >= 0
            && MEDIA.matcher(path).region(folder + FOLDER.length(), path.length()).matches();
    return media ? folder : -1;
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
