package dev.sluice.edge.live;

import dev.sluice.media.stream.StreamKey;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one stream to its upstreams: those that are asked, the active one that
 * delivers, and the spare that stands by. Begins them when the upstream admits us.
 *
 * <p>Ownership: closes what it began, except what ended by itself ({@link #remove}).
 *
 * <p>Threading: confined to the event loop of its stream.
 */
final class RelayPulls {
  private static final long BUSY_NANOS = 500_000_000;

  private final PullListener listener;
  private final StreamKey key;
  private final RelayPath path;
  private final RelayContext relay;
  private final RelayConfig config;
  private final UpstreamAnswers answers;
  private final EventLoop loop;
  private final List<UpstreamPull> pulls = new ArrayList<>();
  private final Set<Upstream> queuedAt = new HashSet<>();
  private @Nullable UpstreamPull active;
  private @Nullable UpstreamPull spare;

  /**
   * Begins without a connection; {@link #ask} makes the first.
   *
   * @param answers say when one may be asked again
   */
  RelayPulls(
      PullListener listener,
      StreamKey key,
      RelayPath path,
      RelayContext relay,
      UpstreamAnswers answers,
      EventLoop loop) {
    this.listener = listener;
    this.key = key;
    this.path = path;
    this.relay = relay;
    this.config = relay.config();
    this.answers = answers;
    this.loop = loop;
  }

  /** The one that the stream comes from, or null. */
  @Nullable UpstreamPull active() {
    return active;
  }

  /** The one that stands by, or null. */
  @Nullable UpstreamPull spare() {
    return spare;
  }

  boolean isEmpty() {
    return pulls.isEmpty();
  }

  /** Whether one that is asked has taken our connection, and has not refused. */
  boolean isAnswering() {
    for (UpstreamPull pull : pulls) {
      if (pull.connected()) {
        return true;
      }
    }
    return false;
  }

  /** Whether one is asked already, or gives the stream. */
  boolean asked(Upstream upstream) {
    for (UpstreamPull pull : pulls) {
      if (pull.upstream() == upstream) {
        return true;
      }
    }
    return false;
  }

  /** Asks one; 0 when it is asked, else the nanoseconds until it is worth trying again. */
  long ask(Upstreams.Choice choice, long now) {
    long rest = tryAdmit(choice.upstream(), now);
    if (rest == 0) {
      start(choice, false);
    }
    return rest;
  }

  /**
   * Has one that is not asked yet stand by.
   *
   * @param seeking whether its media is wanted now, whatever a standby does otherwise
   * @return 0 when there is one, else the nanoseconds until it is worth trying again
   */
  long askSpare(boolean seeking, Predicate<Upstreams.Choice> fit) {
    long now = System.nanoTime();
    long next = Long.MAX_VALUE;
    for (Upstreams.Choice choice : relay.upstreams().rank(key, now)) {
      if (fit.test(choice) && !asked(choice.upstream())) {
        long rest = tryAdmit(choice.upstream(), now);
        if (rest == 0) {
          startSpare(choice, !seeking && config.standby() == Standby.CONNECTED);
          return 0;
        }
        next = Math.min(next, rest);
      }
    }
    return next;
  }

  /** Asks to be admitted: 0 when it is so, else the nanoseconds until it is worth another try. */
  private long tryAdmit(Upstream upstream, long now) {
    long rest = answers.notBefore(upstream, now) - now;
    if (rest > 0) {
      return rest;
    }
    Runnable whenFree = queuedAt.add(upstream) ? () -> takeTurn(upstream) : () -> {};
    if (!upstream.admit(now, whenFree)) {
      return Math.max(upstream.notBefore(now) - now, BUSY_NANOS);
    }
    queuedAt.remove(upstream);
    return 0;
  }

  /** Tries again where there was no room before. Any thread. */
  private void takeTurn(Upstream upstream) {
    try {
      loop.execute(
          () -> {
            queuedAt.remove(upstream);
            listener.onTurn();
          });
    } catch (RejectedExecutionException e) {
      // The loop is shut down, and the stream with it.
    }
  }

  private UpstreamPull start(Upstreams.Choice choice, boolean hold) {
    UpstreamPull pull = UpstreamPull.start(listener, key, choice, relay, path, loop, hold);
    pulls.add(pull);
    return pull;
  }

  private void startSpare(Upstreams.Choice choice, boolean hold) {
    UpstreamPull pull = start(choice, hold);
    standBy(pull);
    if (!hold) {
      pull.keep(config);
    }
  }

  private void standBy(UpstreamPull pull) {
    spare = pull;
    relay.standbys().incrementAndGet();
  }

  /**
   * Has the stream come from this one from now on. Of the others that were asked, one may stand by.
   */
  void activate(UpstreamPull chosen) {
    active = chosen;
    chosen.upstream().streams().incrementAndGet();
    for (UpstreamPull other : List.copyOf(pulls)) {
      if (other == chosen || other == spare) {
        continue;
      }
      if (config.standby() == Standby.PULLED && spare == null) {
        standBy(other);
        other.keep(config);
      } else {
        pulls.remove(other);
        other.close();
      }
    }
  }

  /** Notes that the stream comes from none any more. */
  void deactivate() {
    UpstreamPull left = active;
    if (left != null) {
      active = null;
      left.upstream().streams().decrementAndGet();
    }
  }

  /** Has none stand by any more; the connection that did goes on. */
  void releaseSpare() {
    if (spare != null) {
      spare = null;
      relay.standbys().decrementAndGet();
    }
  }

  /** Has none stand by any more, and ends the connection that did. */
  void closeSpare() {
    UpstreamPull second = spare;
    if (second != null) {
      releaseSpare();
      pulls.remove(second);
      second.close();
    }
  }

  /** Forgets one that has ended by itself. */
  void remove(UpstreamPull ended) {
    pulls.remove(ended);
  }

  /** Ends all. */
  void close() {
    deactivate();
    releaseSpare();
    pulls.forEach(UpstreamPull::close);
  }
}
