package dev.sluice.chassis.lifecycle;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Services that start in the order they were added and drain and stop in the reverse one. If one
 * fails to start, those before it are closed and the failure goes to the caller.
 *
 * <p>Threading: one thread at a time.
 */
public final class ServiceGroup implements Service {
  private static final Logger log = LoggerFactory.getLogger(ServiceGroup.class);

  private final List<Service> members = new ArrayList<>();
  private final List<Service> started = new ArrayList<>();

  /** Adds a member; call before {@link #start}. */
  public ServiceGroup add(Service service) {
    members.add(service);
    return this;
  }

  /** Adds something that needs no start and is closed in its place in the order. */
  public ServiceGroup closing(AutoCloseable resource) {
    return add(
        new Service() {
          @Override
          public void start() {}

          @Override
          public void close() {
            closeQuietly(resource);
          }
        });
  }

  @Override
  public void start() throws Exception {
    for (Service service : members) {
      try {
        service.start();
      } catch (Exception | Error e) {
        close();
        throw e;
      }
      started.add(service);
    }
  }

  /** Drains the members one after the other, last first; they share the limit. */
  @Override
  public void drain(Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    for (Service service : started.reversed()) {
      long left = Math.max(0, deadline - System.nanoTime());
      try {
        service.drain(Duration.ofNanos(left));
      } catch (RuntimeException e) {
        log.warn("drain failed service={}", service, e);
      }
    }
  }

  @Override
  public void close() {
    while (!started.isEmpty()) {
      closeQuietly(started.removeLast());
    }
  }

  private static void closeQuietly(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      log.warn("close failed service={}", resource, e);
    }
  }
}
