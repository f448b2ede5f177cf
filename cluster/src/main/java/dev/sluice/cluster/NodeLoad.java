package dev.sluice.cluster;

/**
 * How busy a node was at one moment.
 *
 * @param sampledAtMs the node's clock, milliseconds since 1970
 * @param egressBitsPerSecond bits sent to viewers per second over the last interval
 * @param sessions viewers connected
 * @param cpu share of the machine's processors in use by the process, 0 to 1
 */
public record NodeLoad(long sampledAtMs, long egressBitsPerSecond, int sessions, double cpu) {

  /** Rejects figures below 0; a share of processors that cannot be known counts as none. */
  public NodeLoad {
    if (sampledAtMs < 0 || egressBitsPerSecond < 0 || sessions < 0) {
      throw new IllegalArgumentException(
          "load: "
              + egressBitsPerSecond
              + " bit/s, "
              + sessions
              + " sessions at "
              + sampledAtMs
              + " (expected: none below 0)");
    }
    cpu = Double.isNaN(cpu) ? 0 : Math.clamp(cpu, 0, 1);
  }

  /** A node that does nothing. */
  public static NodeLoad idle(long sampledAtMs) {
    return new NodeLoad(sampledAtMs, 0, 0, 0);
  }
}
