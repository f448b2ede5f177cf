package dev.sluice.testkit;

import io.netty.util.LeakPresenceDetector;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class that leaves a Netty buffer unreleased.
 *
 * <p>Counts every buffer instead of sampling, so a leak fails the class that made it, without luck
 * from the garbage collector. Stop event loops before the class ends, or what they hold is counted.
 */
public final class LeakCheck implements BeforeAllCallback, AfterAllCallback {

  @Override
  public void beforeAll(ExtensionContext context) {
    ResourceLeakDetector<Object> detector =
        ResourceLeakDetectorFactory.instance().newResourceLeakDetector(Object.class);
    if (!(detector instanceof LeakPresenceDetector)) {
      throw new IllegalStateException(
          "io.netty.customResourceLeakDetector: "
              + detector.getClass().getName()
              + " (expected: io.netty.util.LeakPresenceDetector, set by the build)");
    }
    LeakPresenceDetector.check();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    LeakPresenceDetector.check();
  }
}
