package dev.sluice.cluster;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends this node's heartbeat to every sink, each from its own virtual thread, so that one balancer
 * that hangs delays no other. The pause varies by 20 % lest a fleet beats in step.
 */
public final class HeartbeatLoop implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HeartbeatLoop.class);

  private final List<Thread> threads;
  private final List<HeartbeatSink> sinks;

  /**
   * Starts at once.
   *
   * @param current makes the heartbeat to send; called from several threads, sequence included
   * @param sinks where to; closed with the loop when they are {@link AutoCloseable}
   * @param interval mean pause between two heartbeats, above 0
   */
  public HeartbeatLoop(
      Supplier<Heartbeat> current, List<? extends HeartbeatSink> sinks, Duration interval) {
    this(current, answer -> {}, sinks, interval);
  }

  /**
   * The same for a node that listens.
   *
   * @param heard gets each answer, from several threads; may block
   */
  public HeartbeatLoop(
      Supplier<Heartbeat> current,
      Consumer<HeartbeatAnswer> heard,
      List<? extends HeartbeatSink> sinks,
      Duration interval) {
    this.sinks = List.copyOf(sinks);
    this.threads =
        this.sinks.stream()
            .map(
                sink ->
                    Thread.ofVirtual()
                        .name("heartbeat-" + sink)
                        .start(() -> run(current, heard, sink, interval)))
            .toList();
  }

  private static void run(
      Supplier<Heartbeat> current,
      Consumer<HeartbeatAnswer> heard,
      HeartbeatSink sink,
      Duration interval) {
    boolean reachable = true;
    String pending = "";
    while (!Thread.currentThread().isInterrupted()) {
      try {
        HeartbeatAnswer answer = sink.report(current.get());
        if (!reachable) {
          log.info("heartbeat restored to={}", sink);
        }
        reachable = true;
        pending = pendingNow(answer.pending().orElse(""), pending, sink);
        heard.accept(answer);
      } catch (InterruptedException e) {
        return;
      } catch (Exception e) {
        if (reachable) {
          log.warn("heartbeat failed to={} reason=\"{}\"", sink, words(e));
        }
        reachable = false;
      }
      try {
        double jitter = ThreadLocalRandom.current().nextDouble(0.8, 1.2);
        Thread.sleep(Duration.ofNanos((long) (interval.toNanos() * jitter)));
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static String pendingNow(String now, String before, HeartbeatSink sink) {
    if (!now.isEmpty() && before.isEmpty()) {
      log.warn("node not approved at={} reason=\"{}\"", sink, now);
    } else if (now.isEmpty() && !before.isEmpty()) {
      log.info("node approved at={}", sink);
    }
    return now;
  }

  private static String words(Exception e) {
    String said = e.getMessage();
    return said == null || !(e instanceof IOException) ? e.toString() : said;
  }

  /** Stops sending and waits for the threads to end. */
  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
    for (Thread thread : threads) {
      try {
        thread.join(Duration.ofSeconds(3));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    for (HeartbeatSink sink : sinks) {
      if (sink instanceof AutoCloseable closeable) {
        try {
          closeable.close();
        } catch (Exception e) {
          log.warn("heartbeat sink={} close failed: {}", sink, e.toString());
        }
      }
    }
  }
}
