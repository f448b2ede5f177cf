package dev.sluice.media.live;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Wakes the resting publishers of one event loop: a wheel of turns of 10 ms, so that one timer does
 * for all of them and those that are due together are read in one run of the loop. A turn comes up
 * to 10 ms late and never early: what is read then is due to be sent, and does not wait once more.
 *
 * <p>Threading: one per event loop, confined to it.
 */
public final class ReadWheel {
  static final long TURN_NANOS = 10_000_000;
  private static final int TURNS = 32;
  private static final long LONGEST_NANOS = (TURNS - 2) * TURN_NANOS;

  private final EventLoop loop;
  private final LongSupplier nanoClock;
  private final List<List<Runnable>> wheel = new ArrayList<>(TURNS);
  private final Runnable onTimer = this::onTimer;
  private List<Runnable> spare = new ArrayList<>();
  private long past;
  private int resting;

  /** A wheel on which no publisher rests yet. */
  public ReadWheel(EventLoop loop, LongSupplier nanoClock) {
    this.loop = loop;
    this.nanoClock = nanoClock;
    for (int i = 0; i < TURNS; i++) {
      wheel.add(new ArrayList<>());
    }
  }

  /** Runs {@code wake} when a rest that begins now is over. */
  public void rest(long nanos, Runnable wake) {
    assert loop.inEventLoop();
    long now = nanoClock.getAsLong();
    if (resting++ == 0) {
      past = Math.floorDiv(now, TURN_NANOS);
      arm(now);
    }
    long turn = Math.ceilDiv(now + Math.min(nanos, LONGEST_NANOS), TURN_NANOS);
    wheel.get(slot(turn)).add(wake);
  }

  private void onTimer() {
    long now = nanoClock.getAsLong();
    long present = Math.floorDiv(now, TURN_NANOS);
    // After a long halt, one round wakes everybody.
    for (long turn = Math.max(past + 1, present - TURNS + 1); turn <= present; turn++) {
      List<Runnable> due = wheel.set(slot(turn), spare);
      resting -= due.size();
      due.forEach(Runnable::run);
      due.clear();
      spare = due;
    }
    past = present;
    if (resting > 0) {
      arm(now);
    }
  }

  private void arm(long nowNanos) {
    long wait = TURN_NANOS - Math.floorMod(nowNanos, TURN_NANOS);
    loop.schedule(onTimer, wait, TimeUnit.NANOSECONDS);
  }

  private static int slot(long turn) {
    return (int) turn & (TURNS - 1);
  }
}
