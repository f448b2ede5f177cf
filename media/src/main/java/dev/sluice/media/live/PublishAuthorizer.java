package dev.sluice.media.live;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Decides who may publish what. The answer may come later and from any thread. */
@FunctionalInterface
public interface PublishAuthorizer {

  /** What was decided. */
  sealed interface Verdict {
    /** Go on. */
    record Allowed() implements Verdict {}

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
    return (key, params, remote) -> CompletableFuture.completedFuture(new Verdict.Allowed());
  }

  /** Nobody may publish here; the message says where to go. */
  static PublishAuthorizer nobody(String message) {
    return (key, params, remote) -> CompletableFuture.completedFuture(new Verdict.Denied(message));
  }
}
