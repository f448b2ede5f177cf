package dev.sluice.chassis.http;

/** Answers requests of one route. */
@FunctionalInterface
public interface HttpHandler {
  /**
   * Called on the connection's event loop once the request's head is there; must not block. The
   * answer may come later, from the same loop; exactly one answer is owed.
   *
   * @throws ProblemException to answer with its problem
   * @throws Exception anything else is answered with 500 and logged as our bug
   */
  void handle(HttpExchange exchange) throws Exception;
}
