package dev.sluice.edge.live;

import dev.sluice.chassis.config.HostPort;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.live.ClientEnd;
import dev.sluice.media.live.ClientListener;
import dev.sluice.media.live.EndReason;
import dev.sluice.media.live.Publication;
import dev.sluice.media.live.PublishRefused;
import dev.sluice.media.live.PublisherInfo;
import dev.sluice.media.live.RtmpPull;
import dev.sluice.media.live.RtmpUrl;
import dev.sluice.media.live.StreamKey;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream on its way from an origin to this edge's hub.
 *
 * <pre>
 *              first tag                    lost
 *  CONNECTING ----------> DELIVERING -------------> CONNECTING (another origin, or after backoff)
 *      |  all origins: not found                         |  hold time over: upstream_lost
 *      v  hold time over: upstream_lost                  v
 *     ended <------ origin says it is over ------------ ended
 * </pre>
 *
 * <p>Threading: confined to its event loop; {@link #start}, {@link #unwanted} and {@link #stop} may
 * be called from anywhere.
 */
final class RelayedStream {
  private static final Logger log = LoggerFactory.getLogger(RelayedStream.class);

  private final LiveRelay relay;
  private final StreamKey key;
  private final EventLoop loop;
  private final Backoff backoff;
  private final Map<HostPort, ClientEnd.Kind> answers = new HashMap<>();
  private int turn;
  private int failures;
  private @Nullable RtmpPull pull;
  private @Nullable Publication publication;
  private @Nullable Future<?> retry;
  private @Nullable Future<?> holdEnd;
  private @Nullable Future<?> lingerEnd;
  private boolean over;

  /** Not begun. */
  RelayedStream(LiveRelay relay, StreamKey key, EventLoop loop) {
    this.relay = relay;
    this.key = key;
    this.loop = loop;
    this.backoff = relay.config().backoff();
    // Streams spread over the origins; every edge asks the same one first.
    this.turn = Math.floorMod(key.hashCode(), relay.config().origins().size());
  }

  StreamKey key() {
    return key;
  }

  /** Begins to connect. */
  void start() {
    loop.execute(
        () -> {
          holdOrEnd();
          connect();
        });
  }

  /** The last viewer left: ends after the linger time if none comes. */
  void unwanted() {
    loop.execute(this::linger);
  }

  /** Ends now. */
  void stop() {
    loop.execute(() -> end(EndReason.SHUTDOWN));
  }

  private void connect() {
    if (over) {
      return;
    }
    HostPort origin = origin();
    RtmpUrl url = RtmpUrl.of(origin.host(), origin.port(), key).withTls(relay.config().tls());
    pull =
        RtmpPull.start(
            relay.loops(),
            loop,
            url,
            relay.config().deadlines(),
            relay.tls(),
            new Upstream(origin));
  }

  private HostPort origin() {
    return relay.config().origins().get(turn % relay.config().origins().size());
  }

  private void delivers(HostPort origin) {
    cancel(holdEnd);
    holdEnd = null;
    answers.clear();
    failures = 0;
    Publication running = publication;
    if (running != null) {
      relay.meters().counter(RelayMeters.RECONNECTS).increment();
      log.info("relay reconnected stream={} origin={}", key, origin);
      running.reconnected();
      return;
    }
    try {
      publication = relay.hub().publish(key, PublisherInfo.relay("rtmp://" + origin), loop);
      relay.meters().counter(RelayMeters.CONNECTS).increment();
      log.info("relay started stream={} origin={}", key, origin);
      linger(); // whoever asked may be gone by now
    } catch (PublishRefused e) {
      log.warn("relay refused stream={} detail=\"{}\"", key, e.advice());
      end(EndReason.UPSTREAM_LOST);
    }
  }

  private void lost(HostPort origin, ClientEnd reason) {
    pull = null;
    relay.meters().counter(RelayMeters.PULL_ENDS, reason.kind().word()).increment();
    if (over) {
      return;
    }
    if (reason.kind() == ClientEnd.Kind.ENDED && publication != null) {
      end(EndReason.STREAM_ENDED);
      return;
    }
    answers.put(origin, reason.kind());
    if (publication == null && everyOriginSaysNo()) {
      end(EndReason.NOT_FOUND);
      return;
    }
    failures++;
    turn++;
    if (holdEnd == null) {
      holdOrEnd();
    }
    int origins = relay.config().origins().size();
    Duration wait =
        failures < origins
            ? Duration.ZERO
            : backoff.delay(1 + failures - origins, ThreadLocalRandom.current().nextDouble());
    if (failures == 1) {
      log.info("relay lost stream={} origin={} reason={}", key, origin, reason);
    }
    if (!over) {
      retry = loop.schedule(this::connect, wait.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private boolean everyOriginSaysNo() {
    return answers.size() == relay.config().origins().size()
        && EnumSet.of(ClientEnd.Kind.NOT_FOUND, ClientEnd.Kind.ENDED).containsAll(answers.values());
  }

  private void holdOrEnd() {
    long hold = relay.config().hold().toNanos();
    holdEnd = loop.schedule(() -> end(EndReason.UPSTREAM_LOST), hold, TimeUnit.NANOSECONDS);
  }

  private void linger() {
    cancel(lingerEnd);
    if (over) {
      return;
    }
    long linger = relay.config().linger().toNanos();
    lingerEnd =
        loop.schedule(
            () -> {
              if (relay.hub().demand(key) == 0) {
                end(EndReason.STOPPED);
              }
            },
            linger,
            TimeUnit.NANOSECONDS);
  }

  private void end(EndReason reason) {
    assert loop.inEventLoop();
    if (over) {
      return;
    }
    over = true;
    cancel(retry);
    cancel(holdEnd);
    cancel(lingerEnd);
    RtmpPull running = pull;
    if (running != null) {
      running.close();
    }
    relay.ended(this, reason);
    Publication published = publication;
    if (published != null) {
      published.close(reason, Duration.ZERO);
    }
    log.info("relay ended stream={} reason={}", key, reason.word());
    if (reason != EndReason.STOPPED) {
      relay.hub().refuse(key, reason);
    } else if (relay.hub().demand(key) > 0) {
      relay.wanted(key); // one came in the last moment
    }
  }

  private static void cancel(@Nullable Future<?> timer) {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  /** One try at one origin. */
  private final class Upstream implements ClientListener {
    private final HostPort origin;
    private boolean delivering;

    Upstream(HostPort origin) {
      this.origin = origin;
    }

    @Override
    public void onTag(FlvTag tag) {
      if (!delivering) {
        delivering = true;
        delivers(origin);
      }
      Publication to = publication;
      if (to != null && !over) {
        to.onTag(tag);
      }
    }

    @Override
    public void onEnd(ClientEnd end) {
      lost(origin, end);
    }
  }
}
