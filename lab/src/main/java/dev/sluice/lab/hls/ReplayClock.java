package dev.sluice.lab.hls;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Tells the players of a loop when their next request is due: all that wait for the same one by one
 * timer, as a server that makes something wakes all that wait for it.
 *
 * <p>Threading: confined to its loop, but for the constructor.
 */
final class ReplayClock {
  private final EventLoop loop;
  private final Schedule schedule;
  private final long startNanos;
  private final Map<Long, List<Runnable>> waiting = new HashMap<>();

  /** Nobody waits. Times count from {@code startNanos}, the same for all loops. */
  ReplayClock(EventLoop loop, Schedule schedule, long startNanos) {
    this.loop = loop;
    this.schedule = schedule;
    this.startNanos = startNanos;
  }

  private double nowMs() {
    return (System.nanoTime() - startNanos) / Player.NANOS_PER_MS;
  }

  Schedule.Entry entry(long number) {
    return schedule.entry(number);
  }

  double holdBackMs() {
    return schedule.holdBackMs();
  }

  /** The request with which a player begins now. */
  long begin() {
    return schedule.begin(nowMs());
  }

  /** How long ago a request was due. */
  double lateMs(long number) {
    return nowMs() - schedule.atMs(number);
  }

  /** Runs it when the request is due, at once if it is already. */
  void await(long number, Runnable ask) {
    double lateMs = lateMs(number);
    if (lateMs >= 0) {
      ask.run();
      return;
    }
    List<Runnable> others = waiting.get(number);
    if (others != null) {
      others.add(ask);
      return;
    }
    List<Runnable> first = new ArrayList<>();
    first.add(ask);
    waiting.put(number, first);
    long nanos = (long) (-lateMs * Player.NANOS_PER_MS);
    var _ = loop.schedule(() -> wake(number), nanos, TimeUnit.NANOSECONDS);
  }

  private void wake(long number) {
    List<Runnable> due = waiting.remove(number);
    if (due != null) {
      due.forEach(Runnable::run);
    }
  }
}
