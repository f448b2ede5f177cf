package dev.sluice.edge.live;

import dev.sluice.media.access.PublishForwarder;
import dev.sluice.media.access.PublishRefused;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.rtmp.client.ClientListener;
import dev.sluice.media.rtmp.client.RelayHint;
import dev.sluice.media.rtmp.client.RtmpDeadlines;
import dev.sluice.media.rtmp.client.RtmpPush;
import dev.sluice.media.rtmp.client.RtmpUrl;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One publisher on its way from this edge to an origin.
 *
 * <p>Before an origin has accepted it, an origin's no is the answer. Afterwards the encoder is kept
 * while the connection to the origin is made again, to the same origin first (it holds the stream),
 * then to the others, each time from the start of the current GOP.
 *
 * <p>Threading: confined to the publisher's event loop.
 */
final class ForwardedStream implements PublishForwarder.Forward {
  private static final Logger log = LoggerFactory.getLogger(ForwardedStream.class);
  private static final long JITTER_NANOS = 20_000_000;
  private static final long BUSY_NANOS = 500_000_000;

  private final PushForward forward;
  private final StreamKey key;
  private final Map<String, String> params;
  private final EventLoop loop;
  private final PublishForwarder.Events events;
  private final ForwardQueue queue;
  private final UpstreamAnswers answers;
  private @Nullable Push push;
  private @Nullable ClientEnd lastNo;
  private @Nullable Future<?> retry;
  private @Nullable Future<?> holdEnd;
  private long droppedCounted;
  private boolean accepted;
  private boolean over;

  /** Not begun. */
  ForwardedStream(
      PushForward forward,
      StreamKey key,
      Map<String, String> params,
      EventLoop loop,
      PublishForwarder.Events events) {
    this.forward = forward;
    this.key = key;
    this.params = params;
    this.loop = loop;
    this.events = events;
    this.queue = forward.newQueue();
    this.answers = new UpstreamAnswers(forward.relay().backoff());
  }

  /** Asks an origin. */
  void start() {
    holdOrEnd();
    plan();
  }

  /** Is not begun at all. The event comes later, as after {@link #start}. */
  void refuse(PublishRefused.Reason reason, String advice) {
    loop.execute(() -> end(new PublishRefused(reason, advice)));
  }

  StreamKey key() {
    return key;
  }

  /** An operator ends it: the origin's viewers are told at once. Any thread. */
  void kick() {
    try {
      loop.execute(
          () ->
              end(
                  new PublishRefused(
                      PublishRefused.Reason.BANNED, "an operator has ended this publication"),
                  true));
    } catch (RejectedExecutionException e) {
      // The loop is shut down, and the connections with it.
    }
  }

  /** The server stops. Any thread. */
  void shutDown() {
    try {
      loop.execute(() -> close(EndReason.CONNECTION_LOST));
    } catch (RejectedExecutionException e) {
      // The loop is shut down, and the connections with it.
    }
  }

  @Override
  public void onTag(FlvTag tag) {
    if (over) {
      return;
    }
    queue.add(tag);
    long dropped = queue.dropped();
    if (dropped > droppedCounted) {
      forward
          .meters()
          .counter(ForwardMeters.DROPPED)
          .increment((double) (dropped - droppedCounted));
      droppedCounted = dropped;
    }
    pump();
  }

  @Override
  public void close(EndReason reason) {
    if (over) {
      return;
    }
    Push mine = push;
    finish();
    if (mine != null) {
      mine.close(!reason.mayComeBack());
    }
    forward.ended(this);
  }

  // ---- whom to send to

  private void plan() {
    cancel(retry);
    retry = null;
    if (over || push != null) {
      return;
    }
    long now = System.nanoTime();
    long next = forward.relay().longestRetry().toNanos();
    for (Upstreams.Choice choice : order(now)) {
      Upstream upstream = choice.upstream();
      long wait = answers.notBefore(upstream, now) - now;
      if (wait <= 0) {
        if (upstream.admit(now, this::turn)) {
          push = new Push(choice);
          return;
        }
        wait = Math.max(upstream.notBefore(now) - now, BUSY_NANOS);
      }
      next = Math.min(next, wait);
    }
    long jitter = ThreadLocalRandom.current().nextLong(JITTER_NANOS);
    retry = loop.schedule(this::plan, next + jitter, TimeUnit.NANOSECONDS);
  }

  /** The one that had the stream comes first: it keeps the stream for a while. */
  private List<Upstreams.Choice> order(long now) {
    List<Upstreams.Choice> order = new ArrayList<>(forward.rank(key, now));
    Upstream last = forward.holder(key);
    for (int i = 1; i < order.size(); i++) {
      Upstreams.Choice choice = order.get(i);
      if (choice.upstream() == last) {
        order.remove(i);
        order.addFirst(choice);
      }
    }
    return order;
  }

  private void turn() {
    try {
      loop.execute(this::plan);
    } catch (RejectedExecutionException e) {
      // The loop is shut down, and the publisher with it.
    }
  }

  private void pump() {
    Push to = push;
    if (to != null) {
      to.pump();
    }
  }

  // ---- what they answer

  private void onReady(Push by) {
    cancel(holdEnd);
    holdEnd = null;
    answers.clear();
    lastNo = null;
    forward.held(key, by.upstream);
    by.upstream.streams().incrementAndGet();
    boolean again = accepted;
    forward.meters().counter(again ? ForwardMeters.RECONNECTS : ForwardMeters.CONNECTS).increment();
    log.info(
        "forward {} stream={} origin={} why={}",
        again ? "reconnected" : "started",
        key,
        by.upstream,
        by.why.word());
    if (again) {
      queue.restart();
      pump();
    } else {
      accepted = true;
      events.onAccepted();
    }
  }

  private void onEnd(Push by, ClientEnd end) {
    push = null;
    forward.meters().counter(ForwardMeters.PUSH_ENDS, end.kind().word()).increment();
    if (over) {
      return;
    }
    log.info("forward lost stream={} origin={} reason={}", key, by.upstream, end);
    boolean no = end.kind() == ClientEnd.Kind.REFUSED;
    if (no && (!accepted || by.ready)) {
      end(refusal(end)); // never accepted, or another publisher has taken over
      return;
    }
    if (no) {
      lastNo = end;
    }
    if (by.ready) {
      by.upstream.streams().decrementAndGet();
      holdOrEnd();
    }
    double random = ThreadLocalRandom.current().nextDouble();
    long now = System.nanoTime();
    answers.note(by.upstream, end.kind(), by.ready ? now - by.readyNanos : -1, now, random);
    plan();
  }

  private static PublishRefused refusal(ClientEnd end) {
    PublishRefused.Reason reason =
        end.code().equals("NetStream.Publish.BadName")
            ? PublishRefused.Reason.BUSY
            : PublishRefused.Reason.NOT_ALLOWED;
    return new PublishRefused(reason, end.detail());
  }

  // ---- its end

  private void holdOrEnd() {
    cancel(holdEnd);
    long hold = forward.config().hold().toNanos();
    holdEnd = loop.schedule(this::holdOver, hold, TimeUnit.NANOSECONDS);
  }

  private void holdOver() {
    ClientEnd no = lastNo;
    end(
        no != null
            ? refusal(no)
            : new PublishRefused(
                PublishRefused.Reason.UNAVAILABLE,
                "no origin could be reached for "
                    + forward.config().hold().toSeconds()
                    + " s; try again, or publish to an origin"));
  }

  private void end(PublishRefused why) {
    end(why, false);
  }

  /**
   * Ends it, politely when the origin is to end the stream as well, and not to wait for another.
   */
  private void end(PublishRefused why, boolean politely) {
    if (over) {
      return;
    }
    Push mine = push;
    finish();
    if (mine != null) {
      mine.close(politely);
    }
    forward.ended(this);
    events.onRefused(why);
  }

  private void finish() {
    over = true;
    cancel(retry);
    cancel(holdEnd);
    queue.clear();
  }

  private static void cancel(@Nullable Future<?> timer) {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  /** What the publisher gave, but for what only nodes say to each other. */
  private String query() {
    StringBuilder query = new StringBuilder();
    new TreeMap<>(RelayHint.without(params))
        .forEach(
            (name, value) ->
                query
                    .append(query.isEmpty() ? "" : "&")
                    .append(escaped(name))
                    .append('=')
                    .append(escaped(value)));
    return query.toString();
  }

  private static String escaped(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** One try at one origin. */
  private final class Push implements ClientListener {
    private final Upstream upstream;
    private final Upstreams.Why why;
    private final long startNanos = System.nanoTime();
    private final RtmpPush connection;
    private boolean opened;
    private boolean ready;
    private long readyNanos;
    private boolean ended;

    Push(Upstreams.Choice choice) {
      upstream = choice.upstream();
      why = choice.why();
      List<String> via = new ArrayList<>(RelayHint.via(params));
      via.add(forward.nodeName());
      RtmpUrl url =
          RtmpUrl.of(upstream.address().host(), upstream.address().port(), key)
              .withQuery(query())
              .withHint(RelayHint.of(via, false))
              .withTls(forward.relay().tls());
      UpstreamHealth health = upstream.health();
      RelayConfig relay = forward.relay();
      RtmpDeadlines deadlines =
          new RtmpDeadlines(
              health.connectTimeout(relay.connectTimeout()),
              health.commandTimeout(relay.answerTimeout()),
              relay.answerTimeout(),
              relay.mediaTimeout());
      connection = RtmpPush.start(forward.loops(), loop, url, deadlines, forward.tls(), this);
    }

    void pump() {
      boolean wrote = false;
      while (ready && connection.writable()) {
        FlvTag tag = queue.next();
        if (tag == null) {
          break;
        }
        connection.write(tag, tag.timestampMs());
        wrote = true;
      }
      if (wrote) {
        connection.flush();
      }
    }

    void close(boolean politely) {
      if (politely) {
        connection.close();
      } else {
        connection.abort();
      }
      if (ready) {
        upstream.streams().decrementAndGet();
      }
      ended = true;
      opened();
    }

    private void opened() {
      if (!opened) {
        opened = true;
        upstream.finished();
      }
    }

    @Override
    public void onConnected(Channel channel) {
      upstream.connected(System.nanoTime() - startNanos);
    }

    @Override
    public void onOpening() {
      upstream.answered(System.nanoTime());
      opened();
    }

    @Override
    public void onReady() {
      ready = true;
      readyNanos = System.nanoTime();
      ForwardedStream.this.onReady(this);
    }

    @Override
    public void onWarning(String description) {
      if (push == this && !over) {
        events.onWarning(description);
      }
    }

    @Override
    public void onWritable() {
      pump();
    }

    @Override
    public void onEnd(ClientEnd end) {
      if (ended) {
        return;
      }
      ended = true;
      long now = System.nanoTime();
      if (!opened) {
        if (UpstreamAnswers.no(end.kind())) {
          upstream.answered(now);
        } else {
          upstream.failed(startNanos, now);
        }
      } else if (end.kind() == ClientEnd.Kind.LOST || end.kind() == ClientEnd.Kind.TIMEOUT) {
        upstream.suspected(now);
      }
      opened();
      ForwardedStream.this.onEnd(this, end);
    }
  }
}
