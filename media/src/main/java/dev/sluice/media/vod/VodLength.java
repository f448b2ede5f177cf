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
  private final VodServing serving;
  private final EventLoop loop;
  private final Future<?> deadline;
  private @Nullable DoubleConsumer waiting;
  private @Nullable VodFile file;

  private VodLength(VodServing serving, EventLoop loop, DoubleConsumer answer) {
    this.serving = serving;
    this.loop = loop;
    this.waiting = answer;
    long limitMs = serving.config().stallTimeout().toMillis();
    this.deadline = loop.schedule(() -> answer(0), limitMs, TimeUnit.MILLISECONDS);
  }

  /** Looks at the first of some names that there is; the answer comes at once or later. */
  public static VodLength find(
      VodServing serving, EventLoop loop, List<String> names, DoubleConsumer answer) {
    VodLength length = new VodLength(serving, loop, answer);
    length.tryNext(names);
    return length;
  }

  private void tryNext(List<String> names) {
    if (names.isEmpty()) {
      answer(0);
      return;
    }
    serving.source().open(names.getFirst(), loop, opened -> opened(opened, names));
  }

  private void opened(VodSource.Opened opened, List<String> names) {
    switch (opened) {
      case VodSource.Found(VodFile found) -> {
        if (answered()) {
          found.close();
          return;
        }
        file = found;
        FlvOpening opening = new FlvOpening(found.length());
        ProbeRun.run(found, opening, fault -> answer(fault == null ? seconds(opening) : 0));
      }
      case VodSource.Absent a -> {
        if (!answered()) {
          tryNext(names.subList(1, names.size()));
        }
      }
      case VodSource.Unavailable u -> answer(0);
    }
  }

  private static double seconds(FlvOpening opening) {
    return opening.playable() ? Math.max(0, opening.durationMs()) / 1000.0 : 0;
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
    VodFile open = file;
    file = null;
    if (open != null) {
      open.close();
    }
  }
}
