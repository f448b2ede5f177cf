package dev.sluice.lab.bench;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * The addresses that viewers connect from, in turn. One address gives about 28,000 ports towards
 * one server port; several also look like several clients to the server.
 *
 * <p>A range {@code 127.0.1.0/24} stands for its hosts 127.0.1.1 to 127.0.1.254.
 */
public final class SourceAddresses {
  private static final int SMALLEST_PREFIX = 8;
  private static final int LARGEST_PREFIX = 30;

  private final int network;
  private final int hosts;

  private SourceAddresses(int network, int hosts) {
    this.network = network;
    this.hosts = hosts;
  }

  /**
   * Parses an IPv4 range of loopback addresses.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static SourceAddresses parse(String cidr) {
    String[] parts = cidr.split("/");
    if (parts.length != 2 || !parts[0].matches("\\d+(\\.\\d+){3}") || !parts[1].matches("\\d+")) {
      throw malformed(cidr);
    }
    int prefix = Integer.parseInt(parts[1]);
    if (prefix < SMALLEST_PREFIX || prefix > LARGEST_PREFIX) {
      throw malformed(cidr);
    }
    int mask = -1 << (Integer.SIZE - prefix);
    try {
      InetAddress address = InetAddress.getByName(parts[0]);
      LoopbackOnly.check(address);
      int bits = java.nio.ByteBuffer.wrap(address.getAddress()).getInt();
      return new SourceAddresses(bits & mask, ~mask - 1);
    } catch (UnknownHostException e) {
      throw malformed(cidr);
    }
  }

  /** The address of the viewer with this number, counting from 0. */
  public InetAddress of(int viewer) {
    int bits = network + 1 + viewer % hosts;
    byte[] raw = {(byte) (bits >>> 24), (byte) (bits >>> 16), (byte) (bits >>> 8), (byte) bits};
    try {
      return InetAddress.getByAddress(raw);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  private static IllegalArgumentException malformed(String cidr) {
    return new IllegalArgumentException(
        "sources: " + cidr + " (expected: an IPv4 range such as 127.0.1.0/24, prefix 8..30)");
  }
}
