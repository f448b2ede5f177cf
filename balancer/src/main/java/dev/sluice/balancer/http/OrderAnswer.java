package dev.sluice.balancer.http;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Problem;
import java.util.concurrent.CompletableFuture;

/** The answer to an operator's order, once it is kept. */
final class OrderAnswer {
  private OrderAnswer() {}

  /** Answers when the order is on the disk, or says that it is not. */
  static void whenSaved(HttpExchange exchange, CompletableFuture<Void> saved, Runnable answer) {
    var _ =
        saved.whenComplete(
            (done, failure) -> {
              if (failure == null) {
                answer.run();
              } else {
                exchange.problem(
                    Problem.of(
                        500,
                        "not-kept",
                        "Not kept",
                        "The order holds until this balancer restarts: it could not be written to"
                            + " cluster.stateDirectory; its log says why."));
              }
            });
  }
}
