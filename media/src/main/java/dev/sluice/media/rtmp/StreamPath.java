package dev.sluice.media.rtmp;

import dev.sluice.media.rtmp.RtmpException.Reason;
import java.nio.charset.StandardCharsets;
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
 * @param app all before the last slash; empty when there is no slash
 * @param name what follows; empty when nothing was named
 * @param params parameters of tcUrl, app and name; later ones win
 */
record StreamPath(String app, String name, Map<String, String> params) {
  private static final String[] PREFIXES = {"flv:", "mp4:", "mp3:", "f4v:"};
  private static final String DEFAULT_INSTANCE = "_definst_";
  private static final String ENDING = ".flv";

  static StreamPath resolve(String tcUrl, String app, String name, RtmpLimits limits) {
    requireLength("tcUrl", tcUrl, limits);
    requireLength("app", app, limits);
    requireLength("name", name, limits);
    Map<String, String> params = new LinkedHashMap<>();
    String urlPath = split(pathOf(tcUrl), params, limits);
    String appPath = split(app.isEmpty() ? urlPath : app, params, limits);
    String namePath = split(name, params, limits);
    String joined = tidy(appPath + "/" + withoutPrefix(namePath));
    if (joined.endsWith(ENDING)) {
      joined = joined.substring(0, joined.length() - ENDING.length());
    }
    int slash = joined.lastIndexOf('/');
    return slash < 0
        ? new StreamPath("", joined, params)
        : new StreamPath(
            joined.substring(0, slash), withoutPrefix(joined.substring(slash + 1)), params);
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

  /** Drops empty segments and the default instance. */
  private static String tidy(String path) {
    StringBuilder tidy = new StringBuilder(path.length());
    int at = 0;
    while (at < path.length()) {
      int slash = path.indexOf('/', at);
      int end = slash < 0 ? path.length() : slash;
      String segment = path.substring(at, end);
      if (!segment.isEmpty() && !segment.equals(DEFAULT_INSTANCE)) {
        tidy.append(tidy.isEmpty() ? "" : "/").append(segment);
      }
      at = end + 1;
    }
    return tidy.toString();
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
      String key = decode(query.substring(at, hasValue ? equals : end));
      boolean room = params.size() < limits.maxParams() || params.containsKey(key);
      if (!key.isEmpty() && room) {
        params.put(key, hasValue ? decode(query.substring(equals + 1, end)) : "");
      }
      at = end + 1;
    }
  }

  /** Percent-decodes UTF-8. A plus stays a plus, a broken escape stays as it is. */
  private static String decode(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    byte[] in = text.getBytes(StandardCharsets.UTF_8);
    byte[] out = new byte[in.length];
    int length = 0;
    for (int i = 0; i < in.length; i++) {
      int high = i + 2 < in.length ? Character.digit(in[i + 1], 16) : -1;
      int low = i + 2 < in.length ? Character.digit(in[i + 2], 16) : -1;
      if (in[i] == '%' && high >= 0 && low >= 0) {
        out[length++] = (byte) (high << 4 | low);
        i += 2;
      } else {
        out[length++] = in[i];
      }
    }
    return new String(out, 0, length, StandardCharsets.UTF_8);
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
