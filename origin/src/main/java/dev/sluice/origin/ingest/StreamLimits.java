package dev.sluice.origin.ingest;

import dev.sluice.chassis.auth.StreamPattern;
import dev.sluice.media.access.PublishAuthorizer.Verdict;
import dev.sluice.media.access.PublishLease;
import dev.sluice.media.access.PublishLimits;
import dev.sluice.media.access.PublishRefused;
import dev.sluice.media.stream.StreamKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The limits of publishers. Those of the first pattern that fits the stream count, in the order of
 * the configuration, so that an exception stands before the rule.
 *
 * <p>Threading: any thread. The counts are concurrent as publishers come on any loop.
 */
public final class StreamLimits {

  /** A pattern, what it allows, and the streams published under it with their publishers. */
  private record Rule(
      StreamPattern pattern,
      PublishLimits limits,
      int maxStreams,
      AtomicInteger taken,
      ConcurrentHashMap<StreamKey, Integer> publishers) {}

  private final List<Rule> rules = new ArrayList<>();

  /**
   * Limits by pattern, in their order.
   *
   * @throws IllegalArgumentException if a pattern is empty
   */
  public StreamLimits(Map<String, StreamLimitsConfig> byPattern) {
    byPattern.forEach(
        (pattern, config) ->
            rules.add(
                new Rule(
                    StreamPattern.of(pattern),
                    config.limits(),
                    config.streams(),
                    new AtomicInteger(),
                    new ConcurrentHashMap<>())));
  }

  /** Lets a publisher in whose credential was good, unless there are too many already. */
  Verdict admit(StreamKey stream, @Nullable String credential) {
    for (Rule rule : rules) {
      if (rule.pattern().fits(stream.toString())) {
        return admit(rule, stream, credential);
      }
    }
    return new Verdict.Allowed(credential);
  }

  private static Verdict admit(Rule rule, StreamKey stream, @Nullable String credential) {
    if (rule.maxStreams() == 0) {
      return new Verdict.Allowed(credential, rule.limits(), PublishLease.NONE);
    }
    // A publisher that comes back while its old connection is half dead takes no second place.
    Integer mine =
        rule.publishers()
            .compute(
                stream,
                (s, count) ->
                    count != null
                        ? Integer.valueOf(count + 1)
                        : takePlace(rule) ? Integer.valueOf(1) : null);
    if (mine == null) {
      return new Verdict.Denied(
          PublishRefused.Reason.TOO_MANY_STREAMS,
          "at most "
              + rule.maxStreams()
              + " of the streams "
              + rule.pattern()
              + " may be published at once; stop another one first");
    }
    return new Verdict.Allowed(credential, rule.limits(), reason -> leave(rule, stream));
  }

  private static boolean takePlace(Rule rule) {
    if (rule.taken().incrementAndGet() <= rule.maxStreams()) {
      return true;
    }
    rule.taken().decrementAndGet();
    return false;
  }

  private static void leave(Rule rule, StreamKey stream) {
    rule.publishers()
        .computeIfPresent(
            stream,
            (s, count) -> {
              if (count > 1) {
                return count - 1;
              }
              rule.taken().decrementAndGet();
              return null;
            });
  }
}
