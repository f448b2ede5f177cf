package dev.sluice.app.demo;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How the demo runs.
 *
 * @param bind address that all servers listen on
 * @param ports where
 * @param ownAddresses whether each edge also listens on a loopback address of its own, where the
 *     system has it, so that DNS alone leads to it
 * @param publish whether the clip is published and stored
 * @param data directory for files and caches; null = a temporary one, removed at the end
 */
public record DemoOptions(
    String bind, DemoPorts ports, boolean ownAddresses, boolean publish, @Nullable Path data) {

  /** What {@code ./sluice demo} does. */
  public static final DemoOptions STANDARD =
      new DemoOptions("127.0.0.1", DemoPorts.STANDARD, true, true, null);

  /** For tests: free ports of loopback, nothing published. */
  public static final DemoOptions FREE =
      new DemoOptions("127.0.0.1", DemoPorts.FREE, false, false, null);

  /** The same with the clip. */
  public DemoOptions publishing() {
    return new DemoOptions(bind, ports, ownAddresses, true, data);
  }
}
