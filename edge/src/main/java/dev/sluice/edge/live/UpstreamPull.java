package dev.sluice.edge.live;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.live.timeline.GopBuffer;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.rtmp.client.ClientListener;
import dev.sluice.media.rtmp.client.RelayHint;
import dev.sluice.media.rtmp.client.RtmpDeadlines;
import dev.sluice.media.rtmp.client.RtmpPull;
import dev.sluice.media.rtmp.client.RtmpUrl;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * One stream being taken from one upstream: asked for, delivered, or standing by. Tells the {@link
 * Upstream} what it learns of it.
 *
 * <p>Threading: confined to the event loop of its stream.
 */
final class UpstreamPull implements ClientListener {
  /** What an upstream has kept of a stream comes at once; of one that runs, more follows. */
  private static final long BURST_NANOS = 250_000_000;

  private final PullListener listener;
  private final Upstreams.Choice choice;
  private final RelayPath path;
  private final KeyframeLog keyframes = new KeyframeLog();
  private final long startNanos = System.nanoTime();
  private @Nullable RtmpPull pull;
  private @Nullable GopBuffer gop;
  private String node = "";
  private boolean held;
  private boolean connected;
  private boolean opened;
  private boolean over;
  private long firstTagNanos;
  private long lastTagNanos;

  private UpstreamPull(PullListener listener, Upstreams.Choice choice, RelayPath path) {
    this.listener = listener;
    this.choice = choice;
    this.path = path;
  }

  /**
   * Asks for the stream, for which the upstream has admitted us.
   *
   * @param hold connects only; {@link #play} asks
   */
  static UpstreamPull start(
      PullListener listener,
      StreamKey key,
      Upstreams.Choice choice,
      RelayContext relay,
      RelayPath path,
      EventLoop loop,
      boolean hold) {
    UpstreamPull made = new UpstreamPull(listener, choice, path);
    made.held = hold;
    RelayConfig config = relay.config();
    UpstreamHealth health = choice.upstream().health();
    RtmpDeadlines deadlines =
        new RtmpDeadlines(
            health.connectTimeout(config.connectTimeout()),
            health.commandTimeout(config.answerTimeout()),
            config.answerTimeout(),
            config.mediaTimeout());
    RtmpUrl url =
        RtmpUrl.of(made.upstream().address().host(), made.upstream().address().port(), key)
            .withQuery(relay.query(made.upstream(), key))
            .withHint(RelayHint.of(path.via(), hold))
            .withTls(config.tls());
    made.pull =
        hold
            ? RtmpPull.hold(relay.loops(), loop, url, deadlines, relay.tls(), made)
            : RtmpPull.start(relay.loops(), loop, url, deadlines, relay.tls(), made);
    return made;
  }

  Upstream upstream() {
    return choice.upstream();
  }

  /** Why this upstream was asked. */
  Upstreams.Why why() {
    return choice.why();
  }

  /** Asks for the stream on a connection that was only held. */
  void play() {
    RtmpPull mine = pull;
    if (held && mine != null) {
      held = false;
      mine.play();
    }
  }

  /** Asks for the stream, unless it did, and keeps its media: the active source is silent. */
  void playBeside(RelayConfig config) {
    if (gop == null) {
      keep(config);
    }
    play();
  }

  /** Keeps the newest media from now on, to go on with when the other source is lost. */
  void keep(RelayConfig config) {
    gop = GopBuffer.newest(config.standbyBytes().bytes(), config.standbySilence().toNanos() * 2);
  }

  /** What was kept, or null. */
  @Nullable GopBuffer gop() {
    return gop;
  }

  /** Forgets what was kept, and keeps nothing more. */
  void keepNothing() {
    GopBuffer mine = gop;
    if (mine != null) {
      gop = null;
      mine.clear();
    }
  }

  /** Whether one can go on from what was kept, at once. */
  boolean usable() {
    GopBuffer mine = gop;
    return mine != null && mine.hasMedia();
  }

  /**
   * Whether media goes on coming, so that it is more than what was kept of a stream that stopped.
   */
  boolean flows() {
    return lastTagNanos - firstTagNanos > BURST_NANOS;
  }

  /** The keyframes that came, with their own times. */
  KeyframeLog keyframes() {
    return keyframes;
  }

  /** Whether nothing has come for so long that a source that sends is better. */
  boolean silent(RelayConfig config) {
    return silentNanos() > config.standbySilence().toNanos();
  }

  /** How long the stream has come from here. */
  long deliveredNanos() {
    return System.nanoTime() - firstTagNanos;
  }

  /** How long no media has come. */
  long silentNanos() {
    return System.nanoTime() - lastTagNanos;
  }

  /**
   * What {@code /api/streams} says of the source.
   *
   * @param standby what stands by, or null
   */
  PublisherInfo describe(boolean tls, @Nullable UpstreamPull standby) {
    StringBuilder detail = new StringBuilder(upstream().tier().word());
    detail.append(", ").append(why().word());
    double rtt = upstream().health().rttMs();
    if (rtt >= 0) {
      detail.append(", rtt ").append(Math.round(rtt * 10) / 10.0).append(" ms");
    }
    if (standby != null) {
      detail.append(", standby ").append(standby);
    }
    return PublisherInfo.relay((tls ? "rtmps://" : "rtmp://") + this, detail.toString());
  }

  /** Ends it from this side; the stream is not told. */
  void close() {
    RtmpPull mine = pull;
    if (mine != null) {
      mine.close();
    }
    if (!opened && !over) {
      upstream().endAttempt();
    }
    release();
  }

  /** Whether its connection stands. */
  boolean connected() {
    return connected && !over;
  }

  @Override
  public void onConnected(Channel channel) {
    connected = true;
    upstream().noteConnected(System.nanoTime() - startNanos);
  }

  @Override
  public void onServer(String nodeId) {
    node = RelayHint.nodeName(nodeId);
    if (!path.enterUpstream(node)) {
      String told = node + " gets the stream from here";
      node = "";
      RtmpPull mine = pull;
      if (mine != null) {
        mine.close();
      }
      onEnd(new ClientEnd(ClientEnd.Kind.LOOP, "", told));
    }
  }

  @Override
  public void onOpening() {
    if (!opened) {
      opened = true;
      upstream().noteAnswer(System.nanoTime());
      upstream().endAttempt();
    }
  }

  @Override
  public void onTag(FlvTag tag) {
    if (over) {
      return;
    }
    lastTagNanos = System.nanoTime();
    firstTagNanos = firstTagNanos == 0 ? lastTagNanos : firstTagNanos;
    keyframes.see(tag, tag.timestampMs(), lastTagNanos);
    GopBuffer mine = gop;
    if (mine != null) {
      mine.add(tag, lastTagNanos);
    }
    listener.onTag(this, tag);
  }

  @Override
  public void onEnd(ClientEnd end) {
    if (over) {
      return;
    }
    long now = System.nanoTime();
    boolean broken =
        switch (end.kind()) {
          case CONNECT_FAILED, TIMEOUT, LOST, PROTOCOL_ERROR -> true;
          case NOT_FOUND, REFUSED, UNAVAILABLE, LOOP, ENDED -> false;
        };
    if (!opened) {
      if (broken) {
        upstream().noteFailure(startNanos, now);
      } else {
        upstream().noteAnswer(now);
      }
      opened = true;
      upstream().endAttempt();
    } else if (broken && !held) {
      upstream().noteBreak(now);
    }
    over = true;
    listener.onEnd(this, end);
    release();
  }

  private void release() {
    over = true;
    keepNothing();
    if (!node.isEmpty()) {
      path.leaveUpstream(node);
      node = "";
    }
  }

  @Override
  public String toString() {
    return upstream().toString();
  }
}
