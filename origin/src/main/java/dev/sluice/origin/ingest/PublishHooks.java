package dev.sluice.origin.ingest;

import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.chassis.tls.ClientTls;
import dev.sluice.chassis.tls.TlsException;
import dev.sluice.media.access.PublishAttempt;
import dev.sluice.media.access.PublishAuthorizer;
import dev.sluice.media.access.PublishRefused.Reason;
import dev.sluice.media.rtmp.PublisherLogin;
import dev.sluice.media.stream.EndReason;
import dev.sluice.origin.ingest.HookCalls.Answer;
import dev.sluice.origin.metrics.OriginMeters;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks the operator's server before a publisher is let in, and tells it when the publisher has
 * ended. The publisher is answered when the hook is: until then nothing of it is taken.
 *
 * <pre>
 * {"event":"publish","app":"live","name":"demo","address":"10.0.0.7","port":51234,
 *  "protocol":"rtmp","agent":"FMLE/3.0","query":{"key":"..."}}
 * </pre>
 *
 * <p>The end is told with {@code "event":"unpublish"} and {@code "reason"} ({@link
 * UnpublishHooks}). One who may publish at once after another is told of in the order of the calls,
 * not of the answers. A publisher that comes while too many are asked about is not kept waiting:
 * its encoder comes again. The two kinds of calls have room of their own, so that a thousand
 * encoders that lost their line and come back are not refused for the sake of telling their ends.
 *
 * <p>Threading: any thread.
 */
public final class PublishHooks implements PublishAuthorizer, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PublishHooks.class);
  private static final int MAX_ADVICE = 200;

  private final HooksConfig config;
  private final PublishAuthorizer first;
  private final Meters meters;
  private final HookCalls calls;
  private final UnpublishHooks ends;
  private final Semaphore asking;

  /**
   * Hooks behind another authorizer.
   *
   * @param first asked before the hook; whom it refuses the hook never hears of
   * @throws TlsException when the authorities of the hooks' certificates cannot be read
   */
  public PublishHooks(HooksConfig config, PublishAuthorizer first, EventLoops loops, Meters meters)
      throws TlsException {
    this.config = config;
    this.first = first;
    this.meters = meters;
    ClientTls tls =
        config.secure() ? ClientTls.trusting("hooks.authorities", config.authorities()) : null;
    this.calls = new HookCalls(loops, config, tls);
    this.ends = new UnpublishHooks(config, calls, loops, meters);
    this.asking = new Semaphore(config.limits().maxInFlight());
  }

  /** Makes the meters; they stay at 0 on an origin without hooks. */
  public static void register(Meters meters) {
    for (String result : List.of("allowed", "refused", "failed")) {
      meters.counter(OriginMeters.HOOKS, "publish", result);
    }
    for (String result : List.of("told", "failed", "dropped")) {
      meters.counter(OriginMeters.HOOKS, "unpublish", result);
    }
  }

  @Override
  public @Nullable PublisherLogin login() {
    return first.login();
  }

  @Override
  public CompletionStage<Verdict> authorize(PublishAttempt attempt) {
    return first
        .authorize(attempt)
        .thenCompose(
            verdict ->
                switch (verdict) {
                  case Verdict.Denied denied -> CompletableFuture.completedFuture(denied);
                  case Verdict.Allowed allowed -> ask(attempt, allowed);
                });
  }

  private CompletionStage<Verdict> ask(PublishAttempt attempt, Verdict.Allowed allowed) {
    if (config.publish().isEmpty()) {
      return CompletableFuture.completedFuture(telling(attempt, allowed));
    }
    if (!asking.tryAcquire()) {
      Answer none = new Answer(0, "too many calls at once");
      return CompletableFuture.completedFuture(verdict(attempt, allowed, none));
    }
    return calls
        .post(config.publish(), json("publish", attempt, null))
        .thenApply(
            answer -> {
              asking.release();
              return verdict(attempt, allowed, answer);
            });
  }

  private Verdict verdict(PublishAttempt attempt, Verdict.Allowed allowed, Answer answer) {
    if (answer.yes()) {
      count("publish", "allowed");
      return telling(attempt, allowed);
    }
    count("publish", answer.no() ? "refused" : "failed");
    if (!answer.no()) {
      log.warn(
          "publish hook failed stream={} status={} detail=\"{}\" then={}",
          attempt.stream(),
          answer.status(),
          answer.text(),
          config.onError());
      if (config.onError() == HooksConfig.OnError.ALLOW) {
        return telling(attempt, allowed);
      }
    }
    allowed.lease().ended(null);
    return answer.no()
        ? new Verdict.Denied(Reason.HOOK_REFUSED, refusal(attempt, answer.text()))
        : new Verdict.Denied(
            Reason.HOOK_FAILED, "whether you may publish cannot be found out now; try again later");
  }

  private static String refusal(PublishAttempt attempt, String said) {
    String why = said.length() > MAX_ADVICE ? said.substring(0, MAX_ADVICE) : said;
    return "publishing " + attempt.stream() + " was refused" + (why.isEmpty() ? "" : ": " + why);
  }

  /** The same with the hook told of the end, if it is to be told and if there was a beginning. */
  private Verdict telling(PublishAttempt attempt, Verdict.Allowed allowed) {
    if (config.unpublish().isEmpty()) {
      return allowed;
    }
    return new Verdict.Allowed(
        allowed.credential(),
        allowed.limits(),
        reason -> {
          allowed.lease().ended(reason);
          if (reason != null) {
            ends.add(attempt.stream(), json("unpublish", attempt, reason));
          }
        });
  }

  private void count(String event, String result) {
    meters.counter(OriginMeters.HOOKS, event, result).increment();
  }

  private static String json(String event, PublishAttempt attempt, @Nullable EndReason reason) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("event", event);
    fields.put("app", attempt.stream().app());
    fields.put("name", attempt.stream().name());
    fields.put("address", attempt.remote().getHostString());
    fields.put("port", attempt.remote().getPort());
    fields.put("protocol", attempt.protocol());
    fields.put("agent", attempt.agent());
    fields.put("query", attempt.params());
    if (reason != null) {
      fields.put("reason", reason.word());
    }
    return JsonMapper.shared().writeValueAsString(fields);
  }

  /** Closes the connections; calls under way fail. */
  @Override
  public void close() {
    calls.close();
  }
}
