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

  /** A node that does nothing. */
  public static NodeLoad idle(long sampledAtMs) {
    return new NodeLoad(sampledAtMs, 0, 0, 0);
  }
}
