package dev.sluice.chassis.auth;

import dev.sluice.chassis.auth.UrlSigner.Verdict;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpHandler;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.TokenPath;
import dev.sluice.chassis.metrics.Meters;
import io.micrometer.core.instrument.Counter;
import java.net.InetAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lets in only viewers who show a token that a balancer made ({@link UrlSigner}); everyone when
 * there are no keys. Any of the keys will do, so that a key can be replaced while viewers hold
 * tokens of the old one.
 *
 * <p>The path of a token is that of its URL: {@code /live/demo.flv} over HTTP, {@code /live/demo}
 * over RTMP. It is looked at when a view begins, not while it lasts. A token in the path ({@link
 * TokenPath}) is good for all below {@code /live/NAME/}, and is looked at with each request.
 *
 * <p>Threading: any thread.
 */
public final class ViewerTokens {
  /** The query parameter that carries a token. */
  public static final String PARAMETER = "token";

  private static final String NOT_VALID = "url-token-not-valid";

  private final SlowedGuesses guesses = new SlowedGuesses(new RefusalPace());
  private final CheckedTokens checked = new CheckedTokens();
  private final Counter valid;
  private final List<UrlSigner> signers;
  private final Meters meters;
  private final InstantSource clock;

  /** Why a viewer is not let in: a word for logs and scripts, and a sentence for people. */
  public record Refusal(String reason, String sentence) {
    /** Whether it showed what could be a guess: not an old token, and not none. */
    public boolean mayBeAGuess() {
      return reason.equals(NOT_VALID);
    }
  }

  /** Takes the tokens made with any of these keys. */
  public ViewerTokens(List<Secret> keys, Meters meters, InstantSource clock) {
    this.signers = keys.stream().map(UrlSigner::new).toList();
    this.meters = meters;
    this.clock = clock;
    for (String result : List.of("valid", "expired", "forged", "missing")) {
      meters.counter(AuthMeters.TOKENS, result);
    }
    this.valid = meters.counter(AuthMeters.TOKENS, "valid");
  }

  /**
   * Checks and counts.
   *
   * @param path decoded, with its leading slash
   * @param token as given; null = none
   * @return null = may watch
   */
  public @Nullable Refusal check(String path, @Nullable String token, InetAddress client) {
    if (signers.isEmpty()) {
      return null;
    }
    Instant now = clock.instant();
    return counted(verdict(signer -> signer.verify(path, token, now, client)));
  }

  /**
   * Checks a token that stands in the path, and counts.
   *
   * @param path decoded, with the token: {@code /live/~TOKEN/NAME/…}
   * @param token as the route took it from the path
   * @return null = may watch
   */
  public @Nullable Refusal checkInPath(String path, String token, InetAddress client) {
    if (signers.isEmpty()) {
      return null;
    }
    String prefix = TokenPath.prefix(path);
    Instant now = clock.instant();
    if (prefix == null) {
      return counted(new Verdict.Missing());
    }
    if (checked.has(prefix, token, client, now)) {
      valid.increment();
      return null;
    }
    Verdict verdict = verdict(signer -> signer.verifyPrefix(prefix, token, now, client));
    if (verdict instanceof Verdict.Valid(Instant expiry)) {
      checked.add(prefix, token, client, expiry);
    }
    return counted(verdict);
  }

  private @Nullable Refusal counted(Verdict verdict) {
    meters.counter(AuthMeters.TOKENS, word(verdict)).increment();
    String again = " Ask the balancer for this URL again.";
    return switch (verdict) {
      case Verdict.Valid _ -> null;
      case Verdict.Expired(Instant expiry) ->
          new Refusal(
              "url-token-expired", "The token of this URL expired at " + expiry + "." + again);
      case Verdict.Forged _ ->
          new Refusal(
              NOT_VALID,
              "The token was made for another path, for another viewer or with another key."
                  + again);
      case Verdict.Missing _ ->
          new Refusal("url-token-missing", "This server serves signed URLs only." + again);
    };
  }

  /** The first key that takes the token decides; else the verdict that tells most. */
  private Verdict verdict(Function<UrlSigner, Verdict> check) {
    Verdict best = new Verdict.Missing();
    for (UrlSigner signer : signers) {
      Verdict verdict = check.apply(signer);
      if (verdict instanceof Verdict.Valid || verdict instanceof Verdict.Expired) {
        return verdict;
      }
      best = verdict;
    }
    return best;
  }

  private static String word(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Valid _ -> "valid";
      case Verdict.Expired _ -> "expired";
      case Verdict.Forged _ -> "forged";
      case Verdict.Missing _ -> "missing";
    };
  }

  /**
   * The same handler for viewers with a token; 403 for others. Where the route takes a token from
   * the path by the name {@link TokenPath#PARAMETER}, that one counts, else the query's.
   */
  public HttpHandler guard(HttpHandler handler) {
    return signers.isEmpty() ? handler : exchange -> guarded(exchange, handler);
  }

  private void guarded(HttpExchange exchange, HttpHandler handler) throws Exception {
    String inPath = exchange.pathParam(TokenPath.PARAMETER);
    Refusal refusal =
        inPath.isEmpty()
            ? check(exchange.path(), exchange.query(PARAMETER), exchange.client())
            : checkInPath(exchange.path(), inPath, exchange.client());
    if (refusal == null) {
      handler.handle(exchange);
      return;
    }
    Problem problem =
        Problem.of(403, refusal.reason(), "Not allowed", refusal.sentence())
            .with("Cache-Control", "no-store")
            .with("Access-Control-Allow-Origin", "*");
    if (refusal.mayBeAGuess()) {
      guesses.wrong(exchange, problem);
    } else {
      exchange.problem(problem);
    }
  }
}
