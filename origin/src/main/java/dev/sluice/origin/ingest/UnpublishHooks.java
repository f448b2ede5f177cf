package dev.sluice.origin.ingest;

import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.log.RateLimitedLog;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.origin.ingest.HookCalls.Answer;
import dev.sluice.origin.metrics.OriginMeters;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Tells the operator's server of publishers that have ended: so many calls at once, the others wait
 * in the order of their ends. A call that nobody answers is made again twice, at the end of the
 * line. When a thousand encoders end at once, each is told of all the same.
 *
 * <p>Bounded: of what is not told yet, whether it waits, is under way or is to be tried again,
 * there are {@link HookLimits#maxWaiting} at most. What ends beyond that is counted as dropped.
 *
 * <p>Threading: any thread, without locks. Whoever adds or takes a notice away starts the calls
 * that there is room for.
 */
final class UnpublishHooks {
  private static final Logger log = LoggerFactory.getLogger(UnpublishHooks.class);
  private static final int TRIES = 3;
  private static final long RETRY_MS = 500;

  private final HooksConfig config;
  private final HookCalls calls;
  private final EventLoops loops;
  private final Meters meters;
  private final Queue<Notice> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger untold = new AtomicInteger();
  private final Semaphore room;
  private final RateLimitedLog dropped =
      new RateLimitedLog(log, Level.WARN, "unpublish hook dropped");

  /** What is to be told. */
  private record Notice(StreamKey stream, String json, int tries) {
    Notice again() {
      return new Notice(stream, json, tries + 1);
    }
  }

  UnpublishHooks(HooksConfig config, HookCalls calls, EventLoops loops, Meters meters) {
    this.config = config;
    this.calls = calls;
    this.loops = loops;
    this.meters = meters;
    this.room = new Semaphore(config.limits().maxInFlight());
  }

  /** Tells of an end, now or when it is its turn. */
  void add(StreamKey stream, String json) {
    if (untold.incrementAndGet() > config.limits().maxWaiting()) {
      untold.decrementAndGet();
      count("dropped");
      dropped.note(stream.toString());
      return;
    }
    enter(new Notice(stream, json, 1));
  }

  private void enter(Notice notice) {
    waiting.add(notice);
    startNext();
  }

  /** Starts the calls that there is room for. */
  private void startNext() {
    while (!waiting.isEmpty() && room.tryAcquire()) {
      Notice notice = waiting.poll();
      if (notice == null) {
        room.release(); // another thread was faster; what came since is seen by the loop
      } else {
        var _ =
            calls
                .post(config.unpublish(), notice.json())
                .thenAccept(answer -> onAnswer(notice, answer));
      }
    }
  }

  private void onAnswer(Notice notice, Answer answer) {
    room.release();
    try {
      if (answer.yes() || answer.no()) {
        finish("told");
      } else if (notice.tries() < TRIES) {
        double spread = 1 + ThreadLocalRandom.current().nextDouble();
        long wait = (long) (RETRY_MS * notice.tries() * spread);
        loops.next().schedule(() -> enter(notice.again()), wait, TimeUnit.MILLISECONDS);
      } else {
        finish("failed");
        log.warn(
            "unpublish hook failed stream={} status={} detail=\"{}\"",
            notice.stream(),
            answer.status(),
            answer.text());
      }
      loops
          .next()
          .execute(this::startNext); // not at once: an answer may come before its call returns
    } catch (RejectedExecutionException e) {
      waiting.clear(); // the server has stopped
    }
  }

  private void finish(String result) {
    untold.decrementAndGet();
    count(result);
  }

  private void count(String result) {
    meters.counter(OriginMeters.HOOKS, "unpublish", result).increment();
  }
}
