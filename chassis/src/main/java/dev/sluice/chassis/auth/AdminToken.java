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
  private static final String SCHEME = "Bearer ";

  private final Secret token;

  /** An empty secret closes the control calls. */
  public AdminToken(Secret token) {
    this.token = token;
  }

  /** True if the header's value carries the token. */
  public boolean allows(@Nullable String authorizationHeader) {
    return !token.isEmpty()
        && authorizationHeader != null
        && authorizationHeader.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        && SecretText.same(token, authorizationHeader.substring(SCHEME.length()).strip());
  }

  /** True if the request carries the token; answers 401 otherwise, and the caller just returns. */
  public boolean check(HttpExchange exchange) {
    if (allows(exchange.header("authorization"))) {
      return true;
    }
    String detail =
        token.isEmpty()
            ? "Control calls are off: this server has no adminToken."
            : "Send the admin token as: Authorization: Bearer TOKEN";
    Map<String, String> headers = Map.of("WWW-Authenticate", "Bearer realm=\"sluice\"");
    exchange.problem(
        new Problem(401, "admin-token-required", "Admin token required", detail, headers));
    return false;
  }
}
