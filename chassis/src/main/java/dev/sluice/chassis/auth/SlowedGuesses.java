package dev.sluice.chassis.auth;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Problem;
import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Answers wrong secrets late. Where a guess could hit, each client may wait for a few such answers
 * only ({@link #refused}): so it has a few guesses a second, from however many connections, and
 * beyond that its secrets are not even looked at. Viewers' tokens cannot be guessed, and many
 * viewers share an address: there the others are not made to suffer.
 *
 * <p>Threading: any thread; answers are given on the connection's loop.
 */
final class SlowedGuesses {
  static final int MOST_OF_CLIENT = 4;

  private static final int MOST_CLIENTS = 10_000;
  private static final long DELAY_MILLIS = 1000;

  private final ConcurrentHashMap<InetAddress, Integer> waiting = new ConcurrentHashMap<>();

  /** True if the client waits for as many refusals as it may; it has been answered 429 then. */
  boolean refused(HttpExchange exchange) {
    boolean full = full(exchange.client());
    if (full) {
      exchange.problem(
          Problem.of(
                  429,
                  "too-many-guesses",
                  "Too many guesses",
                  "Too many wrong secrets came from this address just now.")
              .with("Retry-After", "1"));
    }
    return full;
  }

  private boolean full(InetAddress client) {
    return waiting.getOrDefault(client, 0) >= MOST_OF_CLIENT || waiting.size() >= MOST_CLIENTS;
  }

  /** Gives the answer to a wrong secret: later, or at once when enough of them wait. */
  void answer(HttpExchange exchange, Problem problem) {
    InetAddress client = exchange.client();
    if (full(client)) {
      exchange.problem(problem);
      return;
    }
    waiting.merge(client, 1, Integer::sum);
    exchange
        .loop()
        .schedule(
            () -> {
              waiting.computeIfPresent(client, (key, count) -> count == 1 ? null : count - 1);
              exchange.problem(problem);
            },
            DELAY_MILLIS,
            TimeUnit.MILLISECONDS);
  }
}
