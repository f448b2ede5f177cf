package dev.sluice.edge.live;

import dev.sluice.media.access.PublishRefused;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.live.timeline.GopBuffer;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import io.netty.channel.EventLoop;
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
 * <p>Whom it asks, and when, says {@link UpstreamSearch}; the connections are in {@link
 * RelayPulls}. One of them is active: its tags go to the hub through {@link RelayOutput}. Another
 * may stand by, and goes on with what it has kept when the active one is lost. How long all this is
 * kept up without an upstream or a viewer, {@link RelayTimeouts} says.
 *
 * <p>Threading: confined to its event loop; {@link #start}, {@link #startLinger}, {@link #stop} and
 * {@link #path} may be called from anywhere.
 */
final class RelayedStream implements PullListener {
  private static final Logger log = LoggerFactory.getLogger(RelayedStream.class);

  private final LiveRelay owner;
  private final RelayContext relay;
  private final RelayConfig config;
  private final StreamKey key;
  private final RelayPath path;
  private final EventLoop loop;
  private final RelayOutput output;
  private final SilenceWatch silence;
  private final RelayPulls pulls;
  private final UpstreamSearch search;
  private final RelayTimeouts timeouts;
  private boolean over;

  /** Asks nobody before {@link #start}. */
  RelayedStream(
      LiveRelay owner, RelayContext relay, StreamKey key, RelayPath path, EventLoop loop) {
    this.owner = owner;
    this.relay = relay;
    this.config = relay.config();
    this.key = key;
    this.path = path;
    this.loop = loop;
    this.output = new RelayOutput(relay.hub(), key, loop);
    this.silence = new SilenceWatch(loop, config.standbySilence(), this::onSilence);
    UpstreamAnswers answers = new UpstreamAnswers(config.backoff());
    this.pulls = new RelayPulls(this, key, path, relay, answers, loop);
    this.search =
        new UpstreamSearch(key, relay, answers, pulls, output, loop, this::describe, this::end);
    this.timeouts = new RelayTimeouts(key, relay, pulls, loop, this::end);
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
          timeouts.hold();
          search.plan();
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

  // ---- what they answer

  @Override
  public void onTag(UpstreamPull from, FlvTag tag) {
    if (over) {
      return;
    }
    UpstreamPull source = pulls.active();
    if (from == source) {
      if (search.seeking()) {
        search.seekNoMore();
      }
      put(from, tag);
    } else if (source == null) {
      if (from.gop() == null) { // asked for the stream, not to stand by
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

  private void onSilence() {
    UpstreamPull from = pulls.active();
    if (!over && from != null && config.standby() != Standby.PULLED) {
      search.seekBeside(from);
    }
  }

  private void put(UpstreamPull from, FlvTag tag) {
    RelayOutput.Joint joint = output.put(tag, from.keyframes(), System.nanoTime());
    if (joint != RelayOutput.Joint.NONE) {
      String clock = joint == RelayOutput.Joint.SAME_CLOCK ? "same" : "unknown";
      relay.meters().counter(RelayMeters.SPLICES, clock).increment();
    }
  }

  private void deliverFrom(UpstreamPull from, Upstreams.Why why) {
    timeouts.holdNoMore();
    search.found();
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
    search.plan();
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

  @Override
  public void onTurn() {
    search.plan();
  }

  @Override
  public void onEnd(UpstreamPull from, ClientEnd end) {
    pulls.remove(from);
    relay.meters().counter(RelayMeters.PULL_ENDS, end.kind().word()).increment();
    if (end.kind() == ClientEnd.Kind.LOOP) {
      relay.meters().counter(RelayMeters.LOOPS).increment();
    }
    if (over) {
      return;
    }
    boolean delivered = from == pulls.active();
    search.note(from.upstream(), end.kind(), delivered ? from.deliveredNanos() : -1);
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
    search.planAfter(from.upstream());
  }

  private void replaceLost(ClientEnd end) {
    UpstreamPull second = pulls.spare();
    boolean live = second != null && second.usable() && !second.silent(config);
    if (UpstreamAnswers.endsStream(end.kind()) && !live) {
      end(EndReason.STREAM_ENDED);
      return;
    }
    timeouts.hold();
    if (second == null) {
      return;
    }
    if (second.usable()) {
      takeOver(second);
    } else {
      pulls.releaseSpare();
      second.play();
      search.hedgeAfter(second.upstream());
    }
  }

  /** Tells the hub where the stream comes from now, and what stands by. */
  private void describe() {
    UpstreamPull from = pulls.active();
    if (from != null) {
      output.describe(from.describe(config.tls(), pulls.spare()));
    }
  }

  // ---- its end

  private void linger() {
    if (!over) {
      timeouts.linger();
    }
  }

  /** Ends the stream: nobody is asked any more, and viewers are told why. */
  private void end(EndReason reason) {
    assert loop.inEventLoop();
    if (over) {
      return;
    }
    over = true;
    search.close();
    timeouts.cancel();
    silence.stop();
    pulls.close();
    owner.remove(this, reason);
    // Who came in the last moment is told to connect again, not that the publisher is done.
    output.end(reason == EndReason.STOPPED ? EndReason.UPSTREAM_LOST : reason);
    log.info("relay ended stream={} reason={}", key, reason.word());
    if (reason != EndReason.STOPPED) {
      relay.hub().refuse(key, reason);
    } else if (relay.hub().demand(key) > 0) {
      owner.wanted(key); // one came in the last moment
    }
  }
}
