package dev.sluice.media.live;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Decides who may publish what. The answer may come later and from any thread. */
@FunctionalInterface
public interface PublishAuthorizer {

  /** What was decided. */
  sealed interface Verdict {
    /**
     * Go on.
     *
     * @param credential what let the publisher in; who shows the same one may take over from a
     *     publisher that is still there. Null lets nobody do so. Never logged
     */
    record Allowed(@Nullable String credential) implements Verdict {}

    /**
     * Not so.
     *
     * @param message for the encoder's operator: what to do about it
     */
    record Denied(String message) implements Verdict {}
  }

  /**
   * Decides. Called on the connection's event loop; must not block.
   *
   * @param params query parameters, such as {@code key}
   * @param remote the publisher's address
   */
  CompletionStage<Verdict> authorize(
      StreamKey key, Map<String, String> params, InetSocketAddress remote);

  /** Everyone may publish everything: tests and closed networks. */
  static PublishAuthorizer anyone() {
    return (key, params, remote) -> CompletableFuture.completedFuture(new Verdict.Allowed(null));
  }

  /** Nobody may publish here; the message says where to go. */
  static PublishAuthorizer nobody(String message) {
    return (key, params, remote) -> CompletableFuture.completedFuture(new Verdict.Denied(message));
  }
}
