package dev.sluice.chassis.auth;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Problem;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Answers who guesses over HTTP late, as {@link RefusalPace} says: wrong secrets, and names of what
 * is not there. Right ones are answered at once, whoever guesses beside them; but where the guesser
 * must not have more guesses than connections ({@link #refused}), a client for whom a few such
 * answers wait is not listened to until they are given.
 *
 * <p>What is kept is bounded by the pace and by the connections whose answers wait.
 *
 * <p>Threading: any thread; answers are given on the connection's loop, which never waits.
 */
public final class SlowedGuesses {
  static final int MOST_OF_CLIENT = 4;

  private final RefusalPace pace;
  private final ConcurrentHashMap<ByteBuffer, Integer> waiting = new ConcurrentHashMap<>();

  /** Nobody has guessed yet. */
  public SlowedGuesses(RefusalPace pace) {
    this.pace = pace;
  }

  /** True if the client waits for as many refusals as it may; it has been answered 429 then. */
  boolean refused(HttpExchange exchange) {
    ByteBuffer client = RefusalPace.network(exchange.client());
    boolean full = waiting.getOrDefault(client, 0) >= MOST_OF_CLIENT;
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

  /** Gives the answer to a wrong secret. */
  public void wrong(HttpExchange exchange, Problem problem) {
    long delayMs = pace.refused(exchange.client(), System.nanoTime()).delayMs();
    if (delayMs == 0) {
      exchange.problem(problem);
      return;
    }
    ByteBuffer client = RefusalPace.network(exchange.client());
    waiting.merge(client, 1, Integer::sum);
    Runnable answer =
        () -> {
          waiting.computeIfPresent(client, (key, count) -> count == 1 ? null : count - 1);
          exchange.problem(problem);
        };
    exchange.loop().schedule(answer, delayMs, TimeUnit.MILLISECONDS);
  }

  /**
   * Gives the answer to a name of what is not there.
   *
   * @param name the same for the same thing
   */
  public void absent(HttpExchange exchange, String name, Problem problem) {
    long delayMs = pace.missed(exchange.client(), name, System.nanoTime()).delayMs();
    if (delayMs == 0) {
      exchange.problem(problem);
    } else {
      exchange.loop().schedule(() -> exchange.problem(problem), delayMs, TimeUnit.MILLISECONDS);
    }
  }
}
