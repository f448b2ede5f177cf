package dev.sluice.edge.live;

import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import io.netty.channel.EventLoop;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Whom one stream asks, and when.
 *
 * <p>As long as nobody delivers, the upstreams are asked in the order of their rank; the next one
 * of the same tier is asked as well when the one before takes long (a hedge). Origins are asked
 * only when no parent is. When nobody is left to ask, they are asked again after a while, or the
 * stream ends if all of them have said that there is none.
 *
 * <p>While one delivers, a second may stand by ({@link Standby}), and one of the same tier is
 * pulled beside the active one while that is silent: its publisher may have come back elsewhere.
 *
 * <p>Threading: confined to the event loop of its stream.
 */
final class UpstreamSearch {
  private static final long JITTER_NANOS = 20_000_000;
  private static final long STANDBY_AGAIN_NANOS = 30_000_000_000L;

  private final StreamKey key;
  private final Upstreams upstreams;
  private final RelayConfig config;
  private final UpstreamAnswers answers;
  private final RelayPulls pulls;
  private final RelayOutput output;
  private final Runnable onSpare;
  private final Consumer<EndReason> onDecided;
  private final LoopTimer retry;
  private final LoopTimer hedge;
  private boolean hedging;
  private boolean seeking;
  private boolean closed;

  /**
   * Asks nobody before {@link #plan}.
   *
   * @param onSpare told when one begins to stand by
   * @param onDecided told why when all have said that there is no such stream
   */
  UpstreamSearch(
      StreamKey key,
      RelayContext relay,
      UpstreamAnswers answers,
      RelayPulls pulls,
      RelayOutput output,
      EventLoop loop,
      Runnable onSpare,
      Consumer<EndReason> onDecided) {
    this.key = key;
    this.upstreams = relay.upstreams();
    this.config = relay.config();
    this.answers = answers;
    this.pulls = pulls;
    this.output = output;
    this.onSpare = onSpare;
    this.onDecided = onDecided;
    this.retry = new LoopTimer(loop, this::plan);
    this.hedge = new LoopTimer(loop, this::askAnother);
  }

  /** Asks whoever is to be asked now: for the stream while it does not come, else to stand by. */
  void plan() {
    retry.cancel();
    if (closed) {
      return;
    }
    if (pulls.active() != null) {
      standBy();
    } else if (pulls.isEmpty() || hedging) {
      hedging = false;
      ask(System.nanoTime());
    }
  }

  private void ask(long now) {
    long next = Long.MAX_VALUE;
    boolean parentAsked = false;
    for (Upstreams.Choice choice : upstreams.rank(key, now)) {
      Upstream upstream = choice.upstream();
      if (pulls.asked(upstream)) {
        parentAsked |= upstream.tier() == Upstream.Tier.PARENT;
      } else if (parentAsked && upstream.tier() == Upstream.Tier.ORIGIN) {
        break;
      } else if (output.begun() || !answers.saidNo(upstream)) {
        long wait = pulls.ask(choice, now);
        if (wait == 0) {
          hedgeAfter(upstream);
          return;
        }
        next = Math.min(next, wait);
      }
    }
    if (pulls.isEmpty() && !endIfDecided()) {
      retryAfter(next);
    }
  }

  /** Ends a stream that never was, once it is known that it will not be. */
  private boolean endIfDecided() {
    if (output.begun()) {
      return false;
    }
    UpstreamAnswers.Verdict verdict = answers.verdict(upstreams.all());
    if (verdict == UpstreamAnswers.Verdict.ASK_ON) {
      return false;
    }
    boolean absent = verdict == UpstreamAnswers.Verdict.NOT_FOUND;
    onDecided.accept(absent ? EndReason.NOT_FOUND : EndReason.UPSTREAM_REFUSED);
    return true;
  }

  private void retryAfter(long nanos) {
    long jitter = ThreadLocalRandom.current().nextLong(JITTER_NANOS);
    long wait = nanos == Long.MAX_VALUE ? config.longestRetry().toNanos() : nanos;
    retry.set(wait + jitter);
  }

  /** Asks another one as well when this one, just asked, takes longer than usual. */
  void hedgeAfter(Upstream asked) {
    hedge.set(asked.health().hedgeDelay().toNanos());
  }

  private void askAnother() {
    hedging = true;
    plan();
  }

  /** One delivers: those that were asked as well are not waited for, and no answer counts. */
  void found() {
    hedge.cancel();
    hedging = false;
    seeking = false;
    answers.clear();
  }

  /**
   * Remembers how asking one ended, for when to ask it again.
   *
   * @param deliveredNanos for how long the stream came from there; negative = not at all
   */
  void note(Upstream upstream, ClientEnd.Kind kind, long deliveredNanos) {
    double random = ThreadLocalRandom.current().nextDouble();
    answers.note(upstream, kind, deliveredNanos, System.nanoTime(), random);
  }

  /** Asks on after one has ended, unless its answer speaks for all. */
  void planAfter(Upstream ended) {
    if (!answers.absentForAll(ended) || !endIfDecided()) {
      plan();
    }
  }

  private void standBy() {
    if (config.standby() == Standby.OFF || pulls.spare() != null) {
      return;
    }
    long wait = tryAsSpare(choice -> true);
    if (wait > 0) {
      retryAfter(Math.min(wait, STANDBY_AGAIN_NANOS));
    }
  }

  /** Asks one that is not asked yet; 0 when there is one, else when to try again. */
  private long tryAsSpare(Predicate<Upstreams.Choice> fit) {
    long wait = pulls.askSpare(seeking, fit);
    if (wait == 0) {
      onSpare.run();
    }
    return wait;
  }

  /** Whether another source is sought beside the active one, which is silent. */
  boolean seeking() {
    return seeking;
  }

  /** Pulls from another one of the tier as long as the active one is silent. */
  void seekBeside(UpstreamPull silent) {
    seeking = true;
    UpstreamPull second = pulls.spare();
    if (second != null) {
      second.playBeside(config);
      return;
    }
    tryAsSpare(choice -> choice.upstream().tier() == silent.upstream().tier());
  }

  /** Ends the search for another source: the active one sends again. */
  void seekNoMore() {
    seeking = false;
    pulls.closeSpare();
    plan();
  }

  /** Asks nobody any more; what was asked is for its owner to end. */
  void close() {
    closed = true;
    retry.cancel();
    hedge.cancel();
  }
}
