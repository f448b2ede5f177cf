package dev.sluice.app;

import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.lifecycle.Service;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Runs something until SIGTERM or Ctrl-C, then stops it in order and ends the process with exit
 * code 0; also when the signal comes while it still starts.
 */
final class Foreground {
  private static final int LONGEST_START_SECONDS = 80;

  private Foreground() {}

  /**
   * Starts the service, prints the line and does not return until the process ends; drains the
   * service before it is closed.
   *
   * @param loops on which it runs; closed after it
   * @param announcement asked for once the service serves
   * @param drain longest time for viewers at hand
   * @throws Exception if the service does not start
   */
  static void run(Service service, EventLoops loops, Supplier<String> announcement, Duration drain)
      throws Exception {
    start(
        () -> {
          try {
            service.start();
          } catch (Exception | Error e) {
            service.close();
            loops.close();
            throw e;
          }
          return service;
        },
        running -> stop(running, loops, drain));
    untilToldToStop(announcement.get());
  }

  /**
   * Starts something that a signal stops from now on. One that comes meanwhile waits for the start
   * to end, so that nothing half started is left behind.
   *
   * @throws Exception if it does not start; {@code stop} is not called then
   */
  static <S> S start(Callable<S> start, Consumer<S> stop) throws Exception {
    CompletableFuture<S> started = new CompletableFuture<>();
    Runnable orderly =
        () -> {
          try {
            stop.accept(started.orTimeout(LONGEST_START_SECONDS, TimeUnit.SECONDS).join());
          } finally {
            // A signal would end the process with 128 + its number, which supervisors call a crash.
            Runtime.getRuntime().halt(0);
          }
        };
    Thread hook = Thread.ofPlatform().name("stop").unstarted(orderly);
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      S running = start.call();
      started.complete(running);
      return running;
    } catch (Exception | Error e) {
      forget(hook);
      started.completeExceptionally(e);
      throw e;
    }
  }

  /** Prints the line and waits for the end of the process. */
  static void untilToldToStop(String announcement) throws InterruptedException {
    System.out.println(announcement);
    System.out.flush();
    new CountDownLatch(1).await();
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // A signal came before; the hook ends the process.
    }
  }

  private static void stop(Service service, EventLoops loops, Duration drain) {
    service.drain(drain);
    service.close();
    loops.close();
  }
}
