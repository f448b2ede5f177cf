package dev.sluice.app;

import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.lifecycle.Service;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/**
 * Runs a service until SIGTERM or Ctrl-C, then drains and stops it in order and ends the process
 * with exit code 0.
 */
final class Foreground {
  private Foreground() {}

  /**
   * Starts the service, prints the line and does not return until the process ends.
   *
   * @param loops on which it runs; closed after it
   * @param announcement asked for once the service serves
   * @param drain longest time for viewers at hand
   * @throws Exception if the service does not start
   */
  static void run(Service service, EventLoops loops, Supplier<String> announcement, Duration drain)
      throws Exception {
    try {
      service.start();
    } catch (Exception | Error e) {
      service.close();
      loops.close();
      throw e;
    }
    untilToldToStop(announcement.get(), () -> stop(service, loops, drain));
  }

  /** Prints the line and waits for ever; {@code stop} runs when a signal comes. */
  static void untilToldToStop(String announcement, Runnable stop) throws InterruptedException {
    Runnable orderly =
        () -> {
          try {
            stop.run();
          } finally {
            // A signal would end the process with 128 + its number, which supervisors call a crash.
            Runtime.getRuntime().halt(0);
          }
        };
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(orderly));
    System.out.println(announcement);
    System.out.flush();
    new CountDownLatch(1).await();
  }

  private static void stop(Service service, EventLoops loops, Duration drain) {
    service.drain(drain);
    service.close();
    loops.close();
  }
}
