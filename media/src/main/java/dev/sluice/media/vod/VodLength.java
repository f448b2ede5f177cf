package dev.sluice.media.vod;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds out how long a stored file is, for a player that asks before it plays. Answers once, in
 * seconds: 0 when there is no such file, when it does not say, or when it cannot be read in time.
 *
 * <p>Threading: confined to the connection's loop.
 */
public final class VodLength implements AutoCloseable {
  private final VodLookup lookup;
  private final Future<?> deadline;
  private @Nullable DoubleConsumer waiting;

  private VodLength(VodServing serving, EventLoop loop, DoubleConsumer answer) {
    this.waiting = answer;
    this.lookup = new VodLookup(serving.source(), loop, this::lookedUp);
    long limitMs = serving.config().stallTimeout().toMillis();
    this.deadline = loop.schedule(() -> answer(0), limitMs, TimeUnit.MILLISECONDS);
  }

  /** Looks at the first of some names that there is; the answer comes at once or later. */
  public static VodLength find(
      VodServing serving, EventLoop loop, List<String> names, DoubleConsumer answer) {
    VodLength length = new VodLength(serving, loop, answer);
    length.lookup.find(names);
    return length;
  }

  private void lookedUp(VodLookup.Result result) {
    switch (result) {
      case VodLookup.Found(VodFile file, FlvOpening opening) -> {
        file.close();
        answer(Math.max(0, opening.durationMs()) / 1000.0);
      }
      case VodLookup.Unplayable u -> answer(0);
      case VodLookup.Absent a -> answer(0);
      case VodLookup.Unavailable u -> answer(0);
    }
  }

  /** Whether the answer was given, or is not wanted any more. */
  public boolean answered() {
    return waiting == null;
  }

  private void answer(double seconds) {
    DoubleConsumer to = waiting;
    close();
    if (to != null) {
      to.accept(seconds);
    }
  }

  /** Nobody waits any more. */
  @Override
  public void close() {
    waiting = null;
    deadline.cancel(false);
    lookup.close();
  }
}
