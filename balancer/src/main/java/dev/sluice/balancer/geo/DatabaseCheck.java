package dev.sluice.balancer.geo;

import com.maxmind.db.Metadata;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Whether the bytes of a MaxMind DB (format 2.0) are whole: looked at once, before the database is
 * used, so that no lookup later meets a tree that turns in a circle, a record outside the file or a
 * map that claims a billion entries.
 *
 * <pre>
 *   tree: nodes of two records, 24, 28 or 32 bits each     16 bytes     data     marker, metadata
 *   a record: below the count of nodes = the next node; the count = nothing; above = data
 * </pre>
 *
 * <p>Work is bounded by the size of the file, whatever is in it.
 */
final class DatabaseCheck {
  private static final int SEPARATOR = 16;
  private static final int DEEPEST_VALUE = 32;

  /** Records share their parts by pointers; a city database goes over each some ten times. */
  private static final long STEPS_PER_BYTE = 16;

  private static final byte[] MARKER =
      "\u00ab\u00cd\u00efMaxMind.com".getBytes(StandardCharsets.ISO_8859_1);
  private static final byte UNSEEN = 0;
  private static final byte ON_PATH = -1;

  private final byte[] file;
  private final int nodes;
  private final int recordSize;
  private final int addressBits;
  private final int dataStart;
  private final int dataEnd;
  private final byte[] heights;
  private final byte[] path = new byte[16];
  private final Set<Integer> values = new HashSet<>();
  private final List<InetAddress> samples = new ArrayList<>();
  private long stepsLeft;

  private DatabaseCheck(byte[] file, Metadata metadata) throws IOException {
    this.file = file;
    this.recordSize = metadata.recordSize();
    this.addressBits = metadata.ipVersion() == 6 ? 128 : 32;
    this.dataEnd = marker(file);
    long treeBytes = metadata.nodeCount() * (recordSize / 4);
    boolean sizes = recordSize == 24 || recordSize == 28 || recordSize == 32;
    if (!sizes || metadata.nodeCount() < 1 || treeBytes + SEPARATOR > dataEnd) {
      throw new IOException(
          "tree: "
              + metadata.nodeCount()
              + " nodes of 2 records of "
              + recordSize
              + " bits (expected: within the file)");
    }
    this.nodes = (int) metadata.nodeCount();
    this.dataStart = (int) treeBytes + SEPARATOR;
    this.heights = new byte[nodes];
    this.stepsLeft = STEPS_PER_BYTE * (dataEnd - dataStart) + 1000;
  }

  /**
   * Looks at everything.
   *
   * @return for each record of data an address that leads to it
   * @throws IOException that names what is wrong
   */
  static List<InetAddress> check(byte[] file, Metadata metadata) throws IOException {
    DatabaseCheck check = new DatabaseCheck(file, metadata);
    check.node(0, 0);
    return check.samples;
  }

  private static int marker(byte[] file) throws IOException {
    for (int at = file.length - MARKER.length; at >= 0; at--) {
      if (Arrays.equals(file, at, at + MARKER.length, MARKER, 0, MARKER.length)) {
        return at;
      }
    }
    throw new IOException("metadata: none (expected: at the end of the file)");
  }

  /** The longest way from a node to its leaves. Nodes may be reached by several ways. */
  private int node(int node, int depth) throws IOException {
    if (heights[node] == ON_PATH || depth >= addressBits) {
      throw new IOException("node " + node + ": in a circle (expected: a tree)");
    }
    if (heights[node] != UNSEEN) {
      if (depth + (heights[node] & 0xff) > addressBits) {
        throw new IOException("node " + node + ": below the last bit of an address");
      }
      return heights[node] & 0xff;
    }
    heights[node] = ON_PATH;
    int height = 1;
    for (int side = 0; side < 2; side++) {
      bit(depth, side);
      long record = record(node, side);
      if (record < nodes) {
        height = Math.max(height, 1 + node((int) record, depth + 1));
      } else if (record > nodes) {
        leaf(record);
      }
    }
    bit(depth, 0);
    heights[node] = (byte) height;
    return height;
  }

  private void bit(int depth, int side) {
    byte mask = (byte) (0x80 >> (depth & 7));
    path[depth >> 3] = (byte) (side == 0 ? path[depth >> 3] & ~mask : path[depth >> 3] | mask);
  }

  private long record(int node, int side) {
    int at = node * (recordSize / 4);
    return switch (recordSize) {
      case 24 -> number(at + side * 3, 3);
      case 28 ->
          side == 0
              ? (file[at + 3] & 0xf0L) << 20 | number(at, 3)
              : (file[at + 3] & 0xfL) << 24 | number(at + 4, 3);
      default -> number(at + side * 4, 4);
    };
  }

  private long number(int at, int bytes) {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value = value << 8 | (file[at + i] & 0xff);
    }
    return value;
  }

  private void leaf(long record) throws IOException {
    long offset = record - nodes - SEPARATOR;
    if (offset < 0 || offset >= dataEnd - dataStart) {
      throw new IOException("data: at " + offset + " (expected: within the file)");
    }
    if (values.add((int) offset)) {
      value(dataStart + (int) offset, 0);
      try {
        samples.add(InetAddress.getByAddress(Arrays.copyOf(path, addressBits / 8)));
      } catch (UnknownHostException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** Goes over a value; returns the index behind it. */
  private int value(int at, int depth) throws IOException {
    if (depth > DEEPEST_VALUE || --stepsLeft < 0) {
      throw new IOException("data: deeper or more often shared than a database has it");
    }
    int control = byteAt(at);
    int type = control >> 5;
    if (type == 1) {
      return pointer(at, control, depth);
    }
    int next = at + 1;
    if (type == 0) {
      type = 7 + byteAt(next++);
    }
    int size = control & 31;
    if (size > 28) {
      int more = size - 28;
      byteAt(next + more - 1);
      int base = size == 29 ? 29 : size == 30 ? 285 : 65_821;
      size = base + (int) number(next, more);
      next += more;
    }
    return switch (type) {
      case 7 -> values(next, 2 * size, depth);
      case 11 -> values(next, size, depth);
      case 14 -> next; // a truth value, which is in the size
      case 2, 3, 4, 5, 6, 8, 9, 10, 15 -> end(next, size);
      default -> throw new IOException("data: type " + type + " (expected: one of format 2.0)");
    };
  }

  private int values(int at, int count, int depth) throws IOException {
    int next = at;
    for (int i = 0; i < count; i++) {
      next = value(next, depth + 1);
    }
    return next;
  }

  private int pointer(int at, int control, int depth) throws IOException {
    int bytes = 1 + (control >> 3 & 3);
    byteAt(at + bytes);
    long target = number(at + 1, bytes);
    long high = control & 7;
    target =
        switch (bytes) {
          case 1 -> high << 8 | target;
          case 2 -> (high << 16 | target) + 2048;
          case 3 -> (high << 24 | target) + 526_336;
          default -> target;
        };
    if (target >= dataEnd - dataStart) {
      throw new IOException("data: pointer to " + target + " (expected: within the file)");
    }
    value(dataStart + (int) target, depth + 1);
    return at + 1 + bytes;
  }

  private int end(int at, int size) throws IOException {
    if (size > dataEnd - at) {
      throw new IOException("data: " + size + " bytes (expected: within the file)");
    }
    return at + size;
  }

  private int byteAt(int at) throws IOException {
    end(at, 1);
    return file[at] & 0xff;
  }
}
