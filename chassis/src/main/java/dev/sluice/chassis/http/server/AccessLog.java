package dev.sluice.chassis.http.server;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.TokenPath;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line per answer on the logger {@code access}, at INFO only for server errors (at most 20 a
 * second) and every thousandth answer, at DEBUG for each. Any thread.
 */
final class AccessLog {
  private static final Logger log = LoggerFactory.getLogger("access");
  private static final int SAMPLE = 1000;
  private static final int ERRORS_A_SECOND = 20;
  private final AtomicLong answers = new AtomicLong();
  private volatile long second;
  private final AtomicLong errorsThisSecond = new AtomicLong();

  void answered(HttpExchange exchange, int status, long bytes) {
    boolean sampled = answers.incrementAndGet() % SAMPLE == 0;
    if (sampled || (status >= 500 && errorAllowed())) {
      if (log.isInfoEnabled()) {
        log.info(line(exchange, status, bytes));
      }
    } else if (log.isDebugEnabled()) {
      log.debug(line(exchange, status, bytes));
    }
  }

  private boolean errorAllowed() {
    long now = System.nanoTime() / 1_000_000_000L;
    if (now != second) {
      second = now;
      errorsThisSecond.set(0);
    }
    return errorsThisSecond.incrementAndGet() <= ERRORS_A_SECOND;
  }

  private static String line(HttpExchange exchange, int status, long bytes) {
    long micros = (System.nanoTime() - exchange.startNanos()) / 1000;
    return "client="
        + exchange.client().getHostAddress()
        + " method="
        + exchange.method()
        + " path=\""
        + TokenPath.unsigned(exchange.rawPath())
        + "\" status="
        + status
        + " bytes="
        + bytes
        + " us="
        + micros
        + " request="
        + exchange.requestId();
  }
}
