package dev.sluice.edge.live;

import dev.sluice.media.access.PublishForwarder;
import dev.sluice.media.access.PublishRefused;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.live.timeline.GopBuffer;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
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
  private final GopBuffer queue;
  private final UpstreamAnswers answers;
  private final LoopTimer retry;
  private final LoopTimer holdEnd;
  private @Nullable UpstreamPush push;
  private @Nullable ClientEnd lastNo;
  private long droppedCounted;
  private boolean accepted;
  private boolean over;

  /** Asks nobody before {@link #start}. */
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
    this.retry = new LoopTimer(loop, this::plan);
    this.holdEnd = new LoopTimer(loop, this::endHold);
  }

  /** Asks an origin. */
  void start() {
    holdOrEnd();
    plan();
  }

  /** Refuses the publisher without asking anybody; it is told later, as after {@link #start}. */
  void refuse(PublishRefused.Reason reason, String advice) {
    loop.execute(() -> end(new PublishRefused(reason, advice)));
  }

  StreamKey key() {
    return key;
  }

  /** Ends it for an operator: the origin's viewers are told at once. Any thread. */
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

  /** Ends it because the server stops: the origin waits for the publisher. Any thread. */
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
    queue.add(tag, System.nanoTime());
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
    UpstreamPush mine = push;
    finish();
    if (mine != null) {
      mine.close(!reason.mayComeBack());
    }
    forward.remove(this);
  }

  // ---- whom to send to

  private void plan() {
    retry.cancel();
    if (over || push != null) {
      return;
    }
    long now = System.nanoTime();
    long next = forward.relay().longestRetry().toNanos();
    for (Upstreams.Choice choice : forward.rank(key, now)) {
      Upstream upstream = choice.upstream();
      long wait = answers.notBefore(upstream, now) - now;
      if (wait <= 0) {
        if (upstream.admit(now, this::takeTurn)) {
          push = new UpstreamPush(this, choice, forward, params, loop, queue);
          return;
        }
        wait = Math.max(upstream.notBefore(now) - now, BUSY_NANOS);
      }
      next = Math.min(next, wait);
    }
    long jitter = ThreadLocalRandom.current().nextLong(JITTER_NANOS);
    retry.set(next + jitter);
  }

  /** Tries again where there was no room before. Any thread. */
  private void takeTurn() {
    try {
      loop.execute(this::plan);
    } catch (RejectedExecutionException e) {
      // The loop is shut down, and the publisher with it.
    }
  }

  private void pump() {
    UpstreamPush to = push;
    if (to != null) {
      to.pump();
    }
  }

  // ---- what they answer

  /** An origin has accepted the stream. */
  void onReady(UpstreamPush by) {
    holdEnd.cancel();
    answers.clear();
    lastNo = null;
    forward.noteHolder(key, by.upstream());
    by.upstream().streams().incrementAndGet();
    boolean again = accepted;
    forward.meters().counter(again ? ForwardMeters.RECONNECTS : ForwardMeters.CONNECTS).increment();
    log.info(
        "forward {} stream={} origin={} why={}",
        again ? "reconnected" : "started",
        key,
        by,
        by.why().word());
    if (again) {
      queue.restart();
      pump();
    } else {
      accepted = true;
      events.onAccepted();
    }
  }

  /** An origin says something that the publisher's log should show. */
  void onWarning(UpstreamPush by, String description) {
    if (push == by && !over) {
      events.onWarning(description);
    }
  }

  /** A connection has ended by itself. */
  void onEnd(UpstreamPush by, ClientEnd end) {
    push = null;
    forward.meters().counter(ForwardMeters.PUSH_ENDS, end.kind().word()).increment();
    if (over) {
      return;
    }
    log.info("forward lost stream={} origin={} reason={}", key, by, end);
    boolean no = end.kind() == ClientEnd.Kind.REFUSED;
    if (no && (!accepted || by.ready())) {
      end(refusal(end)); // never accepted, or another publisher has taken over
      return;
    }
    if (no) {
      lastNo = end;
    }
    if (by.ready()) {
      by.upstream().streams().decrementAndGet();
      holdOrEnd();
    }
    double random = ThreadLocalRandom.current().nextDouble();
    long now = System.nanoTime();
    answers.note(by.upstream(), end.kind(), by.sentNanos(now), now, random);
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
    holdEnd.set(forward.config().hold().toNanos());
  }

  private void endHold() {
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
    UpstreamPush mine = push;
    finish();
    if (mine != null) {
      mine.close(politely);
    }
    forward.remove(this);
    events.onRefused(why);
  }

  private void finish() {
    over = true;
    retry.cancel();
    holdEnd.cancel();
    queue.clear();
  }
}
