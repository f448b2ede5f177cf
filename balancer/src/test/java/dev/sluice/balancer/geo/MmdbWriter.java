package dev.sluice.balancer.geo;

import dev.sluice.chassis.config.Cidr;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes small MaxMind DB files (format 2.0) for tests: a binary tree with 24-bit records, 16 zero
 * bytes, the data, the marker and the metadata. Networks must not overlap.
 */
public final class MmdbWriter {
  private static final byte[] MARKER = {(byte) 0xab, (byte) 0xcd, (byte) 0xef};

  private final int ipVersion;
  private final long builtEpochSeconds;
  private final Node root = new Node();
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();

  private static final class Node {
    final Object[] records = new Object[2]; // null, Node, or Integer offset of data
    int number;
  }

  /** An empty database. */
  public MmdbWriter(int ipVersion, long builtEpochSeconds) {
    this.ipVersion = ipVersion;
    this.builtEpochSeconds = builtEpochSeconds;
  }

  /** A database in the flat schema, from pairs of network and country. */
  public static byte[] flat(long builtEpochSeconds, String... networksAndCountries) {
    MmdbWriter writer = new MmdbWriter(6, builtEpochSeconds);
    for (int i = 0; i < networksAndCountries.length; i += 2) {
      writer.add(networksAndCountries[i], Map.of("country_code", networksAndCountries[i + 1]));
    }
    return writer.bytes();
  }

  /** Adds a network. */
  public MmdbWriter add(String cidr, Object value) {
    Cidr network = Cidr.parse(cidr);
    byte[] address = network.network().getAddress();
    int skip = ipVersion == 6 && address.length == 4 ? 96 : 0;
    int bits = skip + network.prefixLength();
    int offset = data.size();
    encode(value, data);
    Node node = root;
    for (int i = 0; i < bits - 1; i++) {
      int side = i < skip ? 0 : bit(address, i - skip);
      if (!(node.records[side] instanceof Node)) {
        node.records[side] = new Node();
      }
      node = (Node) node.records[side];
    }
    node.records[bit(address, bits - 1 - skip)] = offset;
    return this;
  }

  /** The file. */
  public byte[] bytes() {
    List<Node> nodes = new ArrayList<>();
    number(root, nodes);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Node node : nodes) {
      for (Object record : node.records) {
        int value =
            switch (record) {
              case null -> nodes.size();
              case Node child -> child.number;
              case Integer offset -> nodes.size() + 16 + offset;
              default -> throw new AssertionError(record);
            };
        out.write(value >> 16);
        out.write(value >> 8);
        out.write(value);
      }
    }
    out.writeBytes(new byte[16]);
    out.writeBytes(data.toByteArray());
    out.writeBytes(MARKER);
    out.writeBytes("MaxMind.com".getBytes(StandardCharsets.US_ASCII));
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("node_count", nodes.size());
    metadata.put("record_size", (short) 24);
    metadata.put("ip_version", (short) ipVersion);
    metadata.put("database_type", "Sluice-Test");
    metadata.put("languages", List.of());
    metadata.put("binary_format_major_version", (short) 2);
    metadata.put("binary_format_minor_version", (short) 0);
    metadata.put("build_epoch", builtEpochSeconds);
    metadata.put("description", Map.of("en", "made by a test"));
    encode(metadata, out);
    return out.toByteArray();
  }

  private static void number(Node node, List<Node> nodes) {
    node.number = nodes.size();
    nodes.add(node);
    for (Object record : node.records) {
      if (record instanceof Node child) {
        number(child, nodes);
      }
    }
  }

  private static int bit(byte[] address, int i) {
    return address[i >> 3] >> (7 - (i & 7)) & 1;
  }

  private static void encode(Object value, ByteArrayOutputStream out) {
    switch (value) {
      case String text -> {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        control(2, bytes.length, out);
        out.writeBytes(bytes);
      }
      case Short number -> number(5, 2, number, out);
      case Integer number -> number(6, 4, number, out);
      case Long number -> number(9, 8, number, out);
      case Map<?, ?> map -> {
        control(7, map.size(), out);
        map.forEach(
            (k, v) -> {
              encode(k, out);
              encode(v, out);
            });
      }
      case List<?> list -> {
        control(11, list.size(), out);
        list.forEach(item -> encode(item, out));
      }
      default -> throw new IllegalArgumentException("cannot encode " + value);
    }
  }

  private static void number(int type, int bytes, long value, ByteArrayOutputStream out) {
    control(type, bytes, out);
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      out.write((int) (value >> shift));
    }
  }

  private static void control(int type, int size, ByteArrayOutputStream out) {
    int low = size < 29 ? size : 29;
    out.write((type < 8 ? type << 5 : 0) | low);
    if (type >= 8) {
      out.write(type - 7);
    }
    if (low == 29) {
      out.write(size - 29);
    }
  }
}
