package dev.sluice.edge.live;

import dev.sluice.media.access.PublishRefused;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.live.timeline.GopBuffer;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import io.netty.channel.EventLoop;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream on its way from an upstream to this edge's hub.
 *
 * <pre>
 *            first tag                     lost
 *  ASKING --------------> DELIVERING ---------------> ASKING, or DELIVERING from the standby
 *    | every upstream says no: not_found, upstream_refused     | hold time over: upstream_lost
 *    v hold time over: upstream_lost                           v
 *  ended <------- the publisher ended it, says the upstream --- ended
 * </pre>
 *
 * <p>An upstream's reason to end a connection is not the stream's end: {@link
 * UpstreamAnswers#endsStream}. Viewers stay, and it is asked again.
 *
 * <p>While asking, the next upstream of the same tier is asked as well when the one before takes
 * long; the first that delivers is kept. Origins are asked only when no parent does. While
 * delivering, a second upstream may stand by ({@link Standby}). One of the same tier is pulled
 * beside the active one while that is silent: its publisher may have come back elsewhere.
 *
 * <p>Threading: confined to its event loop; {@link #start}, {@link #startLinger}, {@link #stop} and
 * {@link #path} may be called from anywhere.
 */
final class RelayedStream {
  private static final Logger log = LoggerFactory.getLogger(RelayedStream.class);
  private static final long JITTER_NANOS = 20_000_000;
  private static final long STANDBY_AGAIN_NANOS = 30_000_000_000L;

  private final LiveRelay relay;
  private final RelayConfig config;
  private final StreamKey key;
  private final RelayPath path;
  private final EventLoop loop;
  private final UpstreamAnswers answers;
  private final RelayOutput output;
  private final SilenceWatch silence;
  private final RelayPulls pulls;
  private final LoopTimer retry;
  private final LoopTimer hedge;
  private final LoopTimer holdEnd;
  private final LoopTimer lingerEnd;
  private boolean hedging;
  private boolean seeking;
  private boolean overtime;
  private boolean over;

  /** Asks nobody before {@link #start}. */
  RelayedStream(LiveRelay relay, StreamKey key, RelayPath path, EventLoop loop) {
    this.relay = relay;
    this.config = relay.config();
    this.key = key;
    this.path = path;
    this.loop = loop;
    this.answers = new UpstreamAnswers(config.backoff());
    this.output = new RelayOutput(relay.hub(), key, loop);
    this.silence = new SilenceWatch(loop, config.standbySilence(), this::onSilence);
    this.pulls = new RelayPulls(this, relay, answers, loop, this::plan);
    this.retry = new LoopTimer(loop, this::plan);
    this.hedge = new LoopTimer(loop, this::askAnother);
    this.holdEnd = new LoopTimer(loop, this::endUnlessAnswered);
    this.lingerEnd = new LoopTimer(loop, this::endUnlessWanted);
  }

  StreamKey key() {
    return key;
  }

  /** Its neighbours in the tree. */
  RelayPath path() {
    return path;
  }

  /** Begins to ask. */
  void start() {
    loop.execute(
        () -> {
          holdOrEnd();
          plan();
        });
  }

  /** Ends after the linger time if no viewer comes: the last one has left. */
  void startLinger() {
    loop.execute(this::linger);
  }

  /** Ends now. */
  void stop() {
    loop.execute(() -> end(EndReason.SHUTDOWN));
  }

  // ---- whom to ask

  private void plan() {
    retry.cancel();
    if (over) {
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
    for (Upstreams.Choice choice : relay.rank(key, now)) {
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
    UpstreamAnswers.Verdict verdict = answers.verdict(relay.everyUpstream());
    if (verdict == UpstreamAnswers.Verdict.ASK_ON) {
      return false;
    }
    boolean absent = verdict == UpstreamAnswers.Verdict.NOT_FOUND;
    end(absent ? EndReason.NOT_FOUND : EndReason.UPSTREAM_REFUSED);
    return true;
  }

  private void retryAfter(long nanos) {
    long jitter = ThreadLocalRandom.current().nextLong(JITTER_NANOS);
    long wait = nanos == Long.MAX_VALUE ? config.longestRetry().toNanos() : nanos;
    retry.set(wait + jitter);
  }

  private void hedgeAfter(Upstream asked) {
    hedge.set(asked.health().hedgeDelay().toNanos());
  }

  private void askAnother() {
    hedging = true;
    plan();
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
      describe();
    }
    return wait;
  }

  // ---- what they answer

  /** A tag came from one that is asked, active or stands by. Borrows it. */
  void onTag(UpstreamPull from, FlvTag tag) {
    if (over) {
      return;
    }
    UpstreamPull source = pulls.active();
    if (from == source) {
      if (seeking) {
        seekNoMore();
      }
      put(from, tag);
    } else if (source == null) {
      if (from.gop() == null) {
        deliverFrom(from, from.why());
        put(from, tag);
      } else if (from.usable()) {
        takeOver(from);
      }
    } else if (from == pulls.spare() && source.silent(config) && from.usable() && from.flows()) {
      source.close();
      onEnd(source, new ClientEnd(ClientEnd.Kind.TIMEOUT, "", "silent, and the standby is not"));
    }
  }

  /** Pulls from another one of the tier as long as the active one is silent. */
  private void onSilence() {
    UpstreamPull from = pulls.active();
    if (over || from == null || config.standby() == Standby.PULLED) {
      return;
    }
    seeking = true;
    UpstreamPull second = pulls.spare();
    if (second != null) {
      second.playBeside(config);
      return;
    }
    tryAsSpare(choice -> choice.upstream().tier() == from.upstream().tier());
  }

  /** Ends the search for another source: the active one sends again. */
  private void seekNoMore() {
    seeking = false;
    pulls.closeSpare();
    plan();
  }

  private void put(UpstreamPull from, FlvTag tag) {
    RelayOutput.Joint joint = output.put(tag, from.keyframes(), System.nanoTime());
    if (joint != RelayOutput.Joint.NONE) {
      String clock = joint == RelayOutput.Joint.SAME_CLOCK ? "same" : "unknown";
      relay.meters().counter(RelayMeters.SPLICES, clock).increment();
    }
  }

  private void deliverFrom(UpstreamPull from, Upstreams.Why why) {
    holdEnd.cancel();
    hedge.cancel();
    hedging = false;
    seeking = false;
    answers.clear();
    pulls.activate(from);
    relay.meters().counter(RelayMeters.CHOICES, why.word()).increment();
    boolean again = output.begun();
    relay.meters().counter(again ? RelayMeters.RECONNECTS : RelayMeters.CONNECTS).increment();
    log.info(
        "relay {} stream={} upstream={} tier={} why={}",
        again ? "reconnected" : "started",
        key,
        from,
        from.upstream().tier().word(),
        why.word());
    if (again) {
      output.switchTo(from.describe(config.tls(), pulls.spare()));
    } else {
      try {
        output.begin(from.describe(config.tls(), pulls.spare()));
      } catch (PublishRefused e) {
        log.warn("relay refused stream={} detail=\"{}\"", key, e.advice());
        end(EndReason.UPSTREAM_LOST);
        return;
      }
      linger(); // whoever asked may be gone by now
    }
    silence.watch(from);
    plan();
  }

  /** Goes on with what the standby has kept. */
  private void takeOver(UpstreamPull from) {
    if (pulls.spare() == from) {
      pulls.releaseSpare();
    }
    deliverFrom(from, Upstreams.Why.STANDBY);
    GopBuffer kept = from.gop();
    if (kept != null && !over) {
      if (!output.knows(from.keyframes())) {
        kept.forgetOlderGops();
      }
      kept.restart();
      for (FlvTag tag = kept.next(); tag != null; tag = kept.next()) {
        put(from, tag);
      }
    }
    from.keepNothing();
  }

  /** A connection has ended by itself. */
  void onEnd(UpstreamPull from, ClientEnd end) {
    pulls.remove(from);
    relay.meters().counter(RelayMeters.PULL_ENDS, end.kind().word()).increment();
    if (end.kind() == ClientEnd.Kind.LOOP) {
      relay.meters().counter(RelayMeters.LOOPS).increment();
    }
    if (over) {
      return;
    }
    long now = System.nanoTime();
    boolean delivered = from == pulls.active();
    double random = ThreadLocalRandom.current().nextDouble();
    long nanos = delivered ? from.deliveredNanos() : -1;
    answers.note(from.upstream(), end.kind(), nanos, now, random);
    if (from == pulls.spare()) {
      pulls.releaseSpare();
      log.info("relay standby lost stream={} upstream={} reason={}", key, from, end);
      describe();
    } else {
      log.info("relay lost stream={} upstream={} reason={}", key, from, end);
    }
    if (delivered) {
      pulls.deactivate();
      replaceLost(end);
    }
    if (answers.absentForAll(from.upstream()) && endIfDecided()) {
      return;
    }
    plan();
  }

  private void replaceLost(ClientEnd end) {
    UpstreamPull second = pulls.spare();
    boolean live = second != null && second.usable() && !second.silent(config);
    if (UpstreamAnswers.endsStream(end.kind()) && !live) {
      end(EndReason.STREAM_ENDED);
      return;
    }
    holdOrEnd();
    if (second == null) {
      return;
    }
    if (second.usable()) {
      takeOver(second);
    } else {
      pulls.releaseSpare();
      second.play();
      hedgeAfter(second.upstream());
    }
  }

  private void describe() {
    UpstreamPull from = pulls.active();
    if (from != null) {
      output.describe(from.describe(config.tls(), pulls.spare()));
    }
  }

  // ---- its end

  private void holdOrEnd() {
    overtime = false;
    holdEnd.set(config.hold().toNanos());
  }

  /** One that has answered so far may finish its answer: a lossy line takes long for it. */
  private void endUnlessAnswered() {
    if (!overtime && pulls.isAnswering()) {
      overtime = true;
      holdEnd.set(config.answerTimeout().toNanos());
    } else {
      end(EndReason.UPSTREAM_LOST);
    }
  }

  private void linger() {
    lingerEnd.cancel();
    if (!over) {
      lingerEnd.set(config.linger().toNanos());
    }
  }

  private void endUnlessWanted() {
    if (relay.hub().demand(key) == 0) {
      end(EndReason.STOPPED);
    }
  }

  private void end(EndReason reason) {
    assert loop.inEventLoop();
    if (over) {
      return;
    }
    over = true;
    retry.cancel();
    hedge.cancel();
    holdEnd.cancel();
    lingerEnd.cancel();
    silence.stop();
    pulls.close();
    relay.remove(this, reason);
    // Who came in the last moment is told to connect again, not that the publisher is done.
    output.end(reason == EndReason.STOPPED ? EndReason.UPSTREAM_LOST : reason);
    log.info("relay ended stream={} reason={}", key, reason.word());
    if (reason != EndReason.STOPPED) {
      relay.hub().refuse(key, reason);
    } else if (relay.hub().demand(key) > 0) {
      relay.wanted(key); // one came in the last moment
    }
  }
}
