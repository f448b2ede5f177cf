package dev.sluice.origin.ingest;

import dev.sluice.chassis.auth.PublishTokens;
import dev.sluice.chassis.auth.StreamKeys;
import dev.sluice.media.access.PublishAttempt;
import dev.sluice.media.access.PublishAuthorizer;
import dev.sluice.media.access.PublishRefused.Reason;
import dev.sluice.media.rtmp.PublisherLogin;
import dev.sluice.media.stream.StreamKey;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Lets a publisher in that shows the key of its stream as {@code ?key=}, or a signed token as
 * {@code ?token=}, and gives it its limits. Any thread. Refusals say what to do and never what the
 * key is.
 *
 * <p>Two tokens with the same pattern count as the same publisher, so that an encoder that got a
 * new token can take over from its own half-dead connection.
 */
public final class KeyAuthorizer implements PublishAuthorizer {
  private final StreamKeys keys;
  private final PublishTokens tokens;
  private final StreamLimits limits;
  private final boolean hookDecides;
  private final InstantSource clock;
  private final @Nullable PublisherLogin login;

  /**
   * With no keys and no secrets of tokens nobody is let in, unless a hook decides.
   *
   * @param hookDecides whether a hook is asked after this
   */
  public KeyAuthorizer(
      StreamKeys keys,
      PublishTokens tokens,
      StreamLimits limits,
      boolean hookDecides,
      InstantSource clock) {
    this(keys, tokens, limits, hookDecides, clock, List.of());
  }

  /**
   * The same with apps whose encoders are asked for user and password, which is their stream key.
   *
   * @param loginApps empty = none
   */
  public KeyAuthorizer(
      StreamKeys keys,
      PublishTokens tokens,
      StreamLimits limits,
      boolean hookDecides,
      InstantSource clock,
      List<String> loginApps) {
    this.login = loginApps.isEmpty() ? null : new PublisherLogin(Set.copyOf(loginApps), keys::find);
    this.keys = keys;
    this.tokens = tokens;
    this.limits = limits;
    this.hookDecides = hookDecides;
    this.clock = clock;
  }

  @Override
  public @Nullable PublisherLogin login() {
    return login;
  }

  @Override
  public CompletionStage<Verdict> authorize(PublishAttempt attempt) {
    return CompletableFuture.completedFuture(decide(attempt));
  }

  private Verdict decide(PublishAttempt attempt) {
    StreamKey stream = attempt.stream();
    String key = attempt.params().getOrDefault("key", "");
    String token = attempt.params().getOrDefault(PublishTokens.PARAMETER, "");
    if (keys.isEmpty() && tokens.isEmpty()) {
      if (hookDecides) {
        return limits.admit(stream, "query " + new TreeMap<>(attempt.params()));
      }
      return new Verdict.Denied(
          Reason.NOT_ALLOWED,
          "this origin has no stream keys, so nobody can publish; set streamKeys in its"
              + " configuration");
    }
    if (!token.isEmpty() && !tokens.isEmpty()) {
      return byToken(stream, token);
    }
    if (key.isEmpty()) {
      String how = keys.isEmpty() ? "a token: add ?token=TOKEN" : "its key: add ?key=STREAMKEY";
      return new Verdict.Denied(
          Reason.KEY_MISSING, "publishing " + stream + " needs " + how + " to the stream name");
    }
    return switch (keys.check(stream.app(), stream.name(), key)) {
      case OPENS -> limits.admit(stream, "key " + key);
      case WRONG_KEY ->
          new Verdict.Denied(Reason.KEY_WRONG, "this is not the stream key of " + stream);
      case NO_PATTERN ->
          new Verdict.Denied(
              Reason.NAME_WITHOUT_KEY,
              "no pattern of streamKeys fits "
                  + stream
                  + ", so no key opens it: check the app and the stream name");
    };
  }

  private Verdict byToken(StreamKey stream, String token) {
    return switch (tokens.verify(stream.toString(), token, clock.instant())) {
      case PublishTokens.Verdict.Valid(String pattern) -> limits.admit(stream, "token " + pattern);
      case PublishTokens.Verdict.Expired(var expiry) ->
          new Verdict.Denied(
              Reason.TOKEN_EXPIRED,
              "this publish token expired at " + expiry + "; ask for a new one");
      case PublishTokens.Verdict.OtherStream(String pattern) ->
          new Verdict.Denied(
              Reason.TOKEN_OTHER_STREAM,
              "this publish token is good for " + pattern + ", not for " + stream);
      case PublishTokens.Verdict.Forged() ->
          new Verdict.Denied(
              Reason.TOKEN_WRONG,
              "this publish token was not made with this origin's secret, or is incomplete");
    };
  }
}
