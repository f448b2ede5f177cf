package dev.sluice.origin.files;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.ProblemException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the calls on files have in common: the thread that may block, what a request says, and how a
 * refusal is answered.
 *
 * <p>Threading: {@link #runAside} and what reads a request on the exchange's loop, answers on any
 * thread.
 */
final class FileCalls {
  private static final Logger log = LoggerFactory.getLogger(FileCalls.class);

  private FileCalls() {}

  /** A call on the store; may block. */
  interface Call {
    void run() throws IOException, InterruptedException;
  }

  /** Makes a call on a virtual thread; a fault is answered and logged. */
  static void runAside(HttpExchange exchange, Call call) {
    Thread.ofVirtual()
        .name("files-" + exchange.requestId())
        .start(
            () -> {
              try {
                call.run();
              } catch (FileChanging e) {
                log.info(
                    "file not served path={} reason=\"is being written\" request={}",
                    exchange.path(),
                    exchange.requestId());
                exchange.problem(
                    Problem.of(
                            503,
                            "file-changing",
                            "File changing",
                            "This file is being written; it is served when that is done.")
                        .with("Retry-After", "2"));
              } catch (IOException | RuntimeException e) {
                answerFault(exchange, e);
              } catch (Error e) {
                answerFault(exchange, e); // else who asked would wait until the line is cut
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  private static void answerFault(HttpExchange exchange, Throwable e) {
    if (e instanceof RejectedExecutionException) {
      return; // the loops are shut down, and the connection with them
    }
    log.error("file call failed request={} path={}", exchange.requestId(), exchange.path(), e);
    exchange.problem(
        Problem.of(
            500,
            Refusal.DISK_ERROR.slug(),
            Refusal.DISK_ERROR.title(),
            "The origin could not read its disk; its log has more."));
  }

  /** The path that a request names; a client error when it is none. */
  static FilePath path(HttpExchange exchange) {
    String fault = FilePath.fault(exchange.rest());
    refuse(fault != null, 400, "bad-path", sentence(fault == null ? "path" : fault));
    return new FilePath(exchange.rest());
  }

  /** The condition that a request makes. */
  static WriteCondition condition(HttpExchange exchange) {
    return WriteCondition.parse(all(exchange, "If-Match"), all(exchange, "If-None-Match"));
  }

  /** A list header may be sent in several lines. */
  static @Nullable String all(HttpExchange exchange, String name) {
    List<String> lines = exchange.headers().getAll(name);
    return lines.isEmpty() ? null : String.join(", ", lines);
  }

  static Problem absent(HttpExchange exchange) {
    return Problem.notFound("There is no file " + exchange.path() + ".");
  }

  static void answerRefusal(HttpExchange exchange, Refusal reason, String detail) {
    log.info(
        "file refused path={} reason={} detail=\"{}\" request={}",
        exchange.path(),
        reason.slug(),
        detail,
        exchange.requestId());
    exchange.problem(Problem.of(reason.status(), reason.slug(), reason.title(), sentence(detail)));
  }

  /** As a sentence for people. */
  static String sentence(String detail) {
    return Character.toUpperCase(detail.charAt(0)) + detail.substring(1) + ".";
  }

  /** A client error. */
  static void refuse(boolean when, int status, String type, String detail) {
    if (when) {
      throw new ProblemException(Problem.of(status, type, "Request refused", detail));
    }
  }
}
