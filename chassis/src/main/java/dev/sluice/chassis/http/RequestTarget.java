package dev.sluice.chassis.http;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The request target taken apart and made safe: percent-decoded once, never twice. Pure.
 *
 * @param rawPath as sent, without query; bytes above 127 are escaped
 * @param path decoded; begins with a slash and holds no empty, {@code .} or {@code ..} segment, no
 *     backslash, control character or encoded slash; a slash at the end is kept
 * @param rawQuery what follows the question mark, empty when there is none
 * @param authority host and port of a target that is a whole URL; empty when it is only a path
 */
public record RequestTarget(String rawPath, String path, String rawQuery, String authority) {
  /** The target that is no path. */
  static final String SERVER = "*";

  private static final List<String> SCHEMES = List.of("http://", "https://", "ws://", "wss://");
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  /**
   * Takes origin-form and absolute-form, and of OPTIONS {@code *}, which stands for the server as a
   * whole (RFC 9112 section 3.2).
   *
   * @throws ProblemException 400 when the path is not safe or the URL names no host
   */
  public static RequestTarget parse(String method, String target) {
    String uri = escaped(target);
    String authority = "";
    if (!uri.isEmpty() && uri.charAt(0) != '/') {
      if (uri.equals(SERVER)) {
        if (!method.equals("OPTIONS")) {
          throw bad("an asterisk, which is for OPTIONS only");
        }
        return new RequestTarget(SERVER, SERVER, "", "");
      }
      int start = authorityStart(uri);
      int end = authorityEnd(uri, start);
      authority = uri.substring(start, end);
      if (!Authority.isValid(authority)) {
        throw new ProblemException(Authority.bad());
      }
      uri = uri.startsWith("/", end) ? uri.substring(end) : "/" + uri.substring(end);
    }
    int fragment = uri.indexOf('#');
    if (fragment >= 0) {
      throw bad("a fragment");
    }
    int question = uri.indexOf('?');
    String raw = question < 0 ? uri : uri.substring(0, question);
    String query = question < 0 ? "" : uri.substring(question + 1);
    String path = raw.indexOf('%') < 0 ? raw : decodePath(raw);
    checkSegments(path);
    return new RequestTarget(raw, path, query, authority);
  }

  /**
   * Bytes that may not stand in a target, but that some clients send: those above 127, of which the
   * decoder of the head makes a char each. Nothing behind this sees them, no {@code Location}
   * either.
   */
  private static String escaped(String target) {
    int at = 0;
    while (at < target.length() && target.charAt(at) < 0x80) {
      at++;
    }
    if (at == target.length()) {
      return target;
    }
    StringBuilder escaped = new StringBuilder(target.length() + 16).append(target, 0, at);
    for (; at < target.length(); at++) {
      char c = target.charAt(at);
      if (c < 0x80) {
        escaped.append(c);
      } else {
        escaped.append('%').append(HEX.toHexDigits((byte) c));
      }
    }
    return escaped.toString();
  }

  private static int authorityStart(String uri) {
    for (String scheme : SCHEMES) {
      if (uri.regionMatches(true, 0, scheme, 0, scheme.length())) {
        return scheme.length();
      }
    }
    throw bad("no leading slash");
  }

  private static int authorityEnd(String uri, int start) {
    int end = start;
    while (end < uri.length() && "/?#".indexOf(uri.charAt(end)) < 0) {
      end++;
    }
    return end;
  }

  private static String decodePath(String raw) {
    String decoded = decode(raw, false);
    if (decoded == null) {
      throw bad("a malformed percent escape");
    }
    for (int i = raw.indexOf('%'); i >= 0; i = raw.indexOf('%', i + 1)) {
      if (raw.regionMatches(true, i, "%2f", 0, 3)) {
        throw bad("an encoded slash");
      }
    }
    return decoded;
  }

  /** Decoded UTF-8, or null when an escape or the encoding is malformed. */
  static @Nullable String decode(String raw, boolean plusIsSpace) {
    byte[] bytes = new byte[raw.length() * 3];
    int n = 0;
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c == '%') {
        if (i + 2 >= raw.length()
            || !HexFormat.isHexDigit(raw.charAt(i + 1))
            || !HexFormat.isHexDigit(raw.charAt(i + 2))) {
          return null;
        }
        bytes[n++] = (byte) HexFormat.fromHexDigits(raw, i + 1, i + 3);
        i += 2;
      } else {
        bytes[n++] = (byte) (plusIsSpace && c == '+' ? ' ' : c);
      }
    }
    try {
      CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, n));
      return text.toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  private static void checkSegments(String path) {
    if (path.isEmpty() || path.charAt(0) != '/') {
      throw bad("no leading slash");
    }
    int start = 1;
    int length = path.length();
    for (int i = 1; i <= length; i++) {
      char c = i == length ? '/' : path.charAt(i);
      if (c < 0x20 || c == 0x7f || c == '\\') {
        throw bad("a control character or backslash");
      }
      if (c == '/') {
        int size = i - start;
        if (size == 0 && i < length) {
          throw bad("an empty segment");
        }
        if (path.startsWith(".", start) && size > 0 && size <= 2) {
          if (size == 1 || path.charAt(start + 1) == '.') {
            throw bad("a . or .. segment");
          }
        }
        start = i + 1;
      }
    }
  }

  private static ProblemException bad(String what) {
    return new ProblemException(
        Problem.badRequest("bad-path", "The path of this request has " + what + "."));
  }
}
