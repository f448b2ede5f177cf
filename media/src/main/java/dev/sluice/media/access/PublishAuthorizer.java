package dev.sluice.media.access;

import dev.sluice.media.rtmp.PublisherLogin;
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
     * @param limits what it may send
     * @param lease told when it ends, even when it never began
     */
    record Allowed(@Nullable String credential, PublishLimits limits, PublishLease lease)
        implements Verdict {
      /** Without limits. */
      public Allowed(@Nullable String credential) {
        this(credential, PublishLimits.NONE, PublishLease.NONE);
      }
    }

    /**
     * Not so.
     *
     * @param reason for the meters
     * @param message for the encoder's operator: what to do about it
     */
    record Denied(PublishRefused.Reason reason, String message) implements Verdict {}
  }

  /** Decides. Called on the connection's event loop; must not block. */
  CompletionStage<Verdict> authorize(PublishAttempt attempt);

  /** Asks encoders for user and password when they connect; null = none is asked. */
  default @Nullable PublisherLogin login() {
    return null;
  }

  /** Everyone may publish everything: tests and closed networks. */
  static PublishAuthorizer anyone() {
    return attempt -> CompletableFuture.completedFuture(new Verdict.Allowed(null));
  }

  /** Nobody may publish here; the message says where to go. */
  static PublishAuthorizer nobody(String message) {
    Verdict denied = new Verdict.Denied(PublishRefused.Reason.NOT_ALLOWED, message);
    return attempt -> CompletableFuture.completedFuture(denied);
  }
}
