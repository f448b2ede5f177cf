package dev.sluice.chassis.auth;

import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Problem;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The operator's token for control calls, given as {@code Authorization: Bearer TOKEN} (RFC 6750).
 * Without a configured token nobody is let in.
 */
public final class AdminToken {
  private static final long FIRST_MS = 1000;
  private static final long LONGEST_MS = 5000;
  private static final String SCHEME = "Bearer ";
  private static final Problem OFF =
      Problem.of(
          403,
          "control-calls-off",
          "Control calls are off",
          "Control calls are off: this server has no adminToken.");

  private final Secret token;
  private final String fingerprint;
  private final SlowedGuesses guesses = new SlowedGuesses(new RefusalPace(0, FIRST_MS, LONGEST_MS));

  /** An empty secret closes the control calls. */
  public AdminToken(Secret token) {
    this.token = token;
    this.fingerprint = SecretText.fingerprint(token);
  }

  /** True if the header's value carries the token. */
  public boolean allows(@Nullable String authorizationHeader) {
    return !token.isEmpty()
        && authorizationHeader != null
        && authorizationHeader.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        && SecretText.same(token, authorizationHeader.substring(SCHEME.length()).strip());
  }

  /**
   * True if the request carries the token; answered otherwise, late when it carries another, and
   * the caller just returns. Makes the request a control call ({@link HttpExchange#control}).
   */
  public boolean check(HttpExchange exchange) {
    if (!exchange.control()) {
      return false;
    }
    if (token.isEmpty()) {
      exchange.problem(OFF);
      return false;
    }
    String given = exchange.header("authorization");
    if (given == null) {
      exchange.problem(refusal(true));
      return false;
    }
    if (guesses.refused(exchange)) {
      return false;
    }
    if (allows(given)) {
      exchange.madeBy(fingerprint);
      String why = exchange.query("reason");
      if (why != null) {
        exchange.because(why);
      }
      return true;
    }
    guesses.wrong(exchange, refusal(false));
    return false;
  }

  private Problem refusal(boolean none) {
    String type = none ? "admin-token-missing" : "admin-token-wrong";
    String detail =
        none
            ? "Send the admin token as: Authorization: Bearer TOKEN"
            : "This is not the admin token of this server.";
    Map<String, String> headers = Map.of("WWW-Authenticate", "Bearer realm=\"sluice\"");
    return new Problem(401, type, "Admin token required", detail, headers);
  }
}
