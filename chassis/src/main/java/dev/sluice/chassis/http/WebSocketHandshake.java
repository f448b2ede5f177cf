package dev.sluice.chassis.http;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of the opening handshake of WebSocket (RFC 6455 section 4.2).
 *
 * <p>No extension and no subprotocol is ever agreed to: what is served is compressed already and
 * has one form. {@code Origin} is not looked at: no cookie or other ambient right is used here, so
 * a foreign page gets nothing that it could not fetch by itself.
 *
 * <p>Threading: that of the exchange.
 */
public final class WebSocketHandshake {
  private static final String VERSION = "13";
  private static final String WEBSOCKET = "websocket";
  private static final String UPGRADE = "Upgrade";
  private static final int SWITCHING_PROTOCOLS = 101;
  private static final int KEY_BYTES = 16;
  private static final int KEY_CHARACTERS = 24;
  private static final String ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private WebSocketHandshake() {}

  /**
   * Whether the client wants a WebSocket here. That includes one whose {@code Upgrade} a proxy has
   * taken away, which is then told so instead of being sent a body it does not expect.
   */
  public static boolean wanted(HttpExchange exchange) {
    HttpHeaders headers = exchange.headers();
    return exchange.method().equals("GET")
        && (headers.containsValue(HttpHeaderNames.UPGRADE, WEBSOCKET, true)
            || headers.contains(HttpHeaderNames.SEC_WEBSOCKET_KEY));
  }

  /** Why a wanted WebSocket cannot be had, or null: 400, or 426 with the version spoken here. */
  public static @Nullable Problem fault(BareConnection connection) {
    return fault(connection.http10(), connection.exchange().headers());
  }

  static @Nullable Problem fault(boolean http10, HttpHeaders headers) {
    if (http10) {
      return bad("WebSocket needs HTTP/1.1; a proxy in between may have to be told so.");
    }
    List<String> versions = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_VERSION);
    if (!headers.containsValue(HttpHeaderNames.UPGRADE, WEBSOCKET, true)
        || !versions.equals(List.of(VERSION))) {
      return Problem.of(
              426,
              "websocket-version",
              "Upgrade required",
              "Ask with Upgrade: websocket and Sec-WebSocket-Version: 13; a proxy in between must"
                  + " pass Upgrade and Connection on.")
          .with(UPGRADE, WEBSOCKET)
          .with("Connection", UPGRADE)
          .with("Sec-WebSocket-Version", VERSION);
    }
    if (!headers.containsValue(HttpHeaderNames.CONNECTION, UPGRADE, true)) {
      return bad("Connection must name Upgrade; a proxy in between must pass it on.");
    }
    List<String> keys = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_KEY);
    if (keys.size() != 1 || !isKey(keys.getFirst())) {
      return bad("Sec-WebSocket-Key must be there once and be 16 bytes in base64.");
    }
    String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
    if (headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
        || (length != null && !length.equals("0"))) {
      return bad("A WebSocket handshake has no body.");
    }
    return null;
  }

  /**
   * Answers a faultless handshake (not flushed) and hands the bare channel over; its owner adds the
   * handlers that speak WebSocket.
   */
  public static Channel accept(BareConnection connection) {
    String key = connection.exchange().header(HttpHeaderNames.SEC_WEBSOCKET_KEY);
    return connection.detach(
        SWITCHING_PROTOCOLS,
        headers -> {
          headers.set(UPGRADE, WEBSOCKET);
          headers.set(HttpNames.CONNECTION, UPGRADE);
          headers.set("Sec-WebSocket-Accept", accept(key == null ? "" : key));
        },
        false);
  }

  /** The proof that the server read the key (RFC 6455 section 4.2.2, item 5.4). */
  static String accept(String key) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-1")
              .digest((key + ACCEPT_SUFFIX).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  private static boolean isKey(String key) {
    try {
      return key.length() == KEY_CHARACTERS && Base64.getDecoder().decode(key).length == KEY_BYTES;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Problem bad(String detail) {
    return Problem.badRequest("bad-websocket-handshake", detail);
  }
}
