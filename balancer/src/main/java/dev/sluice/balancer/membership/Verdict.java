package dev.sluice.balancer.membership;

import java.util.concurrent.CompletableFuture;

/** What became of an operator's wish. */
public sealed interface Verdict {
  /** It was so already. */
  record Done() implements Verdict {}

  /**
   * It holds, and outlasts a restart once this is done.
   *
   * @param onDisk fails if it could not be kept
   */
  record Saving(CompletableFuture<Void> onDisk) implements Verdict {}

  /** Why not, with an HTTP status. */
  record Refused(int status, String why) implements Verdict {}
}
