package dev.sluice.media.access;

import java.net.InetAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Decides at once who may play what over RTMP. */
@FunctionalInterface
public interface PlayAuthorizer {

  /**
   * Not so.
   *
   * @param reason one word for the log
   * @param message for the viewer: what to do about it
   * @param mayBeAGuess whether it showed a secret that is none, which is then answered late
   */
  record Denied(String reason, String message, boolean mayBeAGuess) {}

  /**
   * Decides. Called on the connection's event loop; must not block.
   *
   * @param path of the stream or file, such as {@code /live/demo}, without {@code .flv}
   * @param params query parameters, such as {@code token}
   * @param remote the viewer's address
   * @return null = may play
   */
  @Nullable Denied authorize(String path, Map<String, String> params, InetAddress remote);

  /** Everyone may play everything. */
  static PlayAuthorizer anyone() {
    return (path, params, remote) -> null;
  }
}
