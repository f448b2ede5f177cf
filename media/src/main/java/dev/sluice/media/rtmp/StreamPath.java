package dev.sluice.media.rtmp;

import dev.sluice.media.rtmp.RtmpException.Reason;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Finds the stream that a peer means in what it calls tcUrl, app and stream name.
 *
 * <p>Clients cut a URL at different slashes (ffmpeg: {@code a/b} and {@code c}; OBS: all up to the
 * key is the app), so app and name are joined and cut at the last slash. Query strings may follow
 * any of the three, or sit in the middle as in {@code live?token=x/demo?y=1}; all are collected. A
 * query reaches to the end, slashes included, unless a later {@code ?} shows that a path goes on.
 * Dropped: the instance {@code _definst_}, the prefixes {@code flv:}, {@code mp4:}, {@code mp3:}
 * and {@code f4v:}, and the ending {@code .flv}. Other dots belong to the name.
 *
 * <p>Devices write addresses in their own ways. A name that is a whole URL, or begins with a slash
 * and the app again, is all of the path. One segment alone is a name in the app {@value
 * #DEFAULT_APP}. Where no {@code ?} can be typed, a segment {@code key=KEY} or {@code token=TOKEN}
 * is that parameter: no name has an equals sign.
 *
 * <p>App and name are percent-decoded once, as a path of HTTP is, so that one name reaches the same
 * stream or file either way; and what HTTP refuses in a path is a fault here: an encoded slash, a
 * {@code .} or {@code ..} segment, a control character, a backslash, bytes that are no UTF-8.
 * Unlike there, a broken escape stays as it is: librtmp decodes before it sends, so that a percent
 * sign may be one.
 *
 * @param app all before the last slash; empty when there is no slash
 * @param name what follows; empty when nothing was named
 * @param params parameters of tcUrl, app and name; later ones win
 * @param fault why there is no such stream, as a sentence; empty when there may be one
 */
record StreamPath(String app, String name, Map<String, String> params, String fault) {
  private static final int MAX_PRINTED = 200;
  private static final String[] PREFIXES = {"flv:", "mp4:", "mp3:", "f4v:"};
  private static final String DEFAULT_INSTANCE = "_definst_";
  private static final String ENDING = ".flv";

  /** The app of an address that names none. */
  static final String DEFAULT_APP = "live";

  private static final String[] PATH_PARAMS = {"key", "token"};

  static StreamPath resolve(String tcUrl, String app, String name, RtmpLimits limits) {
    requireLength("tcUrl", tcUrl, limits);
    requireLength("app", app, limits);
    requireLength("name", name, limits);
    Map<String, String> params = new LinkedHashMap<>();
    String urlPath = split(pathOf(tcUrl), params, limits);
    String appPath = split(app.isEmpty() ? urlPath : app, params, limits);
    String namePath = split(isUrl(name) ? "/" + pathOf(name) : name, params, limits);
    if (isUrl(name) || repeatsApp(namePath, appPath)) {
      appPath = "";
    }
    String fault = hidesSlash(appPath) || hidesSlash(namePath) ? bad("an encoded slash") : "";
    String joined = tidy(PercentDecoding.of(appPath) + "/" + lastPart(namePath), params, limits);
    if (joined.endsWith(ENDING)) {
      joined = joined.substring(0, joined.length() - ENDING.length());
    }
    int slash = joined.lastIndexOf('/');
    boolean alone = slash < 0 && !joined.isEmpty() && !joined.equals(DEFAULT_APP);
    String toApp = slash >= 0 ? joined.substring(0, slash) : alone ? DEFAULT_APP : "";
    String toName = withoutPrefix(joined.substring(slash + 1));
    if (fault.isEmpty()) {
      fault = faultOf(toApp, toName);
    }
    return new StreamPath(toApp, toName, params, fault);
  }

  private static boolean isUrl(String name) {
    int colon = name.indexOf("://");
    int question = name.indexOf('?');
    return colon > 0 && (question < 0 || colon < question);
  }

  /** Whether a name with a slash in front has the app in it, as cameras send it. */
  private static boolean repeatsApp(String namePath, String appPath) {
    String app = "/" + appPath.replaceAll("^/+|/+$", "") + "/";
    return app.length() > 2 && namePath.startsWith(app);
  }

  private static String lastPart(String namePath) {
    return withoutPrefix(PercentDecoding.of(namePath));
  }

  /** App and name for a log: short, on one line, without quotes. */
  String printable() {
    StringBuilder text = new StringBuilder(app).append('/').append(name);
    text.setLength(Math.min(text.length(), MAX_PRINTED));
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c) || c == '"' || c == '\u2028' || c == '\u2029') {
        text.setCharAt(i, '?');
      }
    }
    return text.toString();
  }

  private static boolean hidesSlash(String raw) {
    for (int i = raw.indexOf('%'); i >= 0; i = raw.indexOf('%', i + 1)) {
      if (raw.regionMatches(true, i, "%2f", 0, 3)) {
        return true;
      }
    }
    return false;
  }

  private static String faultOf(String app, String name) {
    if (app.isEmpty() || name.isEmpty()) {
      return "The stream has no name: use rtmp://HOST/APP/NAME, such as rtmp://HOST/live/demo.";
    }
    String path = app + "/" + name;
    int start = 0;
    for (int i = 0; i <= path.length(); i++) {
      char c = i == path.length() ? '/' : path.charAt(i);
      if (c < 0x20 || c == 0x7f || c == '\\') {
        return bad("a control character or backslash");
      }
      if (c == PercentDecoding.REPLACEMENT) {
        return bad("bytes that are no UTF-8");
      }
      if (c == '/') {
        String segment = path.substring(start, i);
        if (segment.equals(".") || segment.equals("..")) {
          return bad("a . or .. segment");
        }
        start = i + 1;
      }
    }
    return "";
  }

  private static String bad(String what) {
    return "The stream's name has " + what + ".";
  }

  /** What follows the host of a URL, or the whole when there is no host. */
  private static String pathOf(String url) {
    int scheme = url.indexOf("://");
    if (scheme < 0) {
      return url;
    }
    int slash = url.indexOf('/', scheme + 3);
    return slash < 0 ? "" : url.substring(slash + 1);
  }

  private static String withoutPrefix(String name) {
    for (String prefix : PREFIXES) {
      if (name.startsWith(prefix)) {
        return name.substring(prefix.length());
      }
    }
    return name;
  }

  /** Drops empty segments and the default instance, and takes parameters out. */
  private static String tidy(String path, Map<String, String> params, RtmpLimits limits) {
    StringBuilder tidy = new StringBuilder(path.length());
    int at = 0;
    while (at < path.length()) {
      int slash = path.indexOf('/', at);
      int end = slash < 0 ? path.length() : slash;
      String segment = path.substring(at, end);
      String param = paramOf(segment);
      if (!param.isEmpty()) {
        if (params.size() < limits.maxParams()) {
          params.putIfAbsent(param, segment.substring(param.length() + 1));
        }
      } else if (!segment.isEmpty() && !segment.equals(DEFAULT_INSTANCE)) {
        tidy.append(tidy.isEmpty() ? "" : "/").append(segment);
      }
      at = end + 1;
    }
    return tidy.toString();
  }

  /** The parameter that a segment of the path stands for, or empty. */
  private static String paramOf(String segment) {
    for (String name : PATH_PARAMS) {
      if (segment.startsWith(name) && segment.startsWith("=", name.length())) {
        return name;
      }
    }
    return "";
  }

  /** Moves the queries of {@code text} into {@code params}; returns the path that is left. */
  private static String split(String text, Map<String, String> params, RtmpLimits limits) {
    int question = text.indexOf('?');
    if (question < 0) {
      return text;
    }
    StringBuilder path = new StringBuilder(text.substring(0, question));
    while (question >= 0) {
      int next = text.indexOf('?', question + 1);
      int slash = next < 0 ? -1 : text.lastIndexOf('/', next);
      boolean goesOn = slash > question;
      parse(text.substring(question + 1, goesOn ? slash : text.length()), params, limits);
      if (goesOn) {
        path.append(text, slash, next);
      }
      question = goesOn ? next : -1;
    }
    return path.toString();
  }

  private static void parse(String query, Map<String, String> params, RtmpLimits limits) {
    int at = 0;
    while (at < query.length()) {
      int ampersand = query.indexOf('&', at);
      int end = ampersand < 0 ? query.length() : ampersand;
      int equals = query.indexOf('=', at);
      boolean hasValue = equals >= at && equals < end;
      String key = PercentDecoding.of(query.substring(at, hasValue ? equals : end));
      boolean room = params.size() < limits.maxParams() || params.containsKey(key);
      if (!key.isEmpty() && room) {
        params.put(key, hasValue ? PercentDecoding.of(query.substring(equals + 1, end)) : "");
      }
      at = end + 1;
    }
  }

  private static void requireLength(String what, String text, RtmpLimits limits) {
    if (text.length() > limits.maxNameBytes()) {
      throw new RtmpException(
          Reason.NAME_TOO_LONG,
          what
              + ": "
              + text.length()
              + " characters (expected: at most "
              + limits.maxNameBytes()
              + ")");
    }
  }
}
