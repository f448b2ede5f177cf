package dev.sluice.chassis.http.server;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * One periodic task per event loop that looks after the deadlines of all its connections: cheaper
 * than a timer each. The sets are confined to their loops; the map is read-only.
 */
final class LoopSweeps implements AutoCloseable {
  private final Map<EventLoop, Set<Swept>> byLoop = new HashMap<>();
  private final List<Future<?>> tasks = new ArrayList<>();

  /** A connection of one of the loops; called there. */
  interface Swept {
    /** The connection's channel. */
    Channel channel();

    /** Ends the connection when it is too late for it. */
    void sweep(long nowNanos);
  }

  LoopSweeps(Iterable<EventLoop> loops) {
    for (EventLoop loop : loops) {
      byLoop.put(loop, new LinkedHashSet<>());
    }
  }

  void start(long periodNanos) {
    byLoop.forEach(
        (loop, connections) ->
            tasks.add(
                loop.scheduleWithFixedDelay(
                    () -> sweep(connections), periodNanos, periodNanos, TimeUnit.NANOSECONDS)));
  }

  private static void sweep(Set<Swept> connections) {
    long now = System.nanoTime();
    for (Swept connection : List.copyOf(connections)) {
      connection.sweep(now);
    }
  }

  private Set<Swept> of(Swept connection) {
    Set<Swept> set = byLoop.get(connection.channel().eventLoop());
    if (set == null) {
      throw new IllegalStateException("connection of another server's loops");
    }
    return set;
  }

  void add(Swept connection) {
    of(connection).add(connection);
  }

  void remove(Swept connection) {
    of(connection).remove(connection);
  }

  /** Ends the tasks and closes every connection that is left. */
  @Override
  public void close() {
    tasks.forEach(task -> task.cancel(false));
    byLoop.forEach(
        (loop, connections) -> {
          if (!loop.isShuttingDown()) {
            loop.execute(() -> List.copyOf(connections).forEach(c -> c.channel().close()));
          }
        });
  }
}
