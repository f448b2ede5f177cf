package dev.sluice.lab.bench;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** As much AMF0 as an RTMP client's commands and the answers to them need. */
final class Amf {
  /** AMF0's null, as Java collections would rather not hold null. */
  static final Object NULL = new Object();

  private Amf() {}

  /** Encodes strings, numbers, booleans, {@link #NULL} and maps of them. */
  static byte[] encode(Object... values) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    try {
      for (Object value : values) {
        write(out, value);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return bytes.toByteArray();
  }

  /** Decodes until the end or the first type it does not know. */
  static List<Object> decode(byte[] body, int length) {
    ByteBuffer in = ByteBuffer.wrap(body, 0, length);
    List<Object> values = new ArrayList<>();
    try {
      while (in.hasRemaining()) {
        values.add(read(in));
      }
    } catch (java.nio.BufferUnderflowException | IllegalArgumentException e) {
      return values; // what came before is all that a client needs
    }
    return values;
  }

  private static void write(DataOutputStream out, Object value) throws IOException {
    switch (value) {
      case String text -> {
        out.writeByte(2);
        out.writeUTF(text);
      }
      case Number number -> {
        out.writeByte(0);
        out.writeDouble(number.doubleValue());
      }
      case Boolean bool -> {
        out.writeByte(1);
        out.writeBoolean(bool);
      }
      case Map<?, ?> map -> {
        out.writeByte(3);
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.writeUTF(entry.getKey().toString());
          write(out, entry.getValue());
        }
        out.writeShort(0);
        out.writeByte(9);
      }
      default -> out.writeByte(5);
    }
  }

  private static Object read(ByteBuffer in) {
    return switch (in.get()) {
      case 0 -> in.getDouble();
      case 1 -> in.get() != 0;
      case 2 -> text(in);
      case 3 -> properties(in);
      case 5, 6 -> NULL;
      case 8 -> {
        in.getInt();
        yield properties(in);
      }
      default -> throw new IllegalArgumentException("AMF0 type");
    };
  }

  private static Map<String, Object> properties(ByteBuffer in) {
    Map<String, Object> map = new LinkedHashMap<>();
    while (true) {
      String key = text(in);
      if (key.isEmpty() && in.get(in.position()) == 9) {
        in.get();
        return map;
      }
      map.put(key, read(in));
    }
  }

  private static String text(ByteBuffer in) {
    byte[] raw = new byte[in.getShort() & 0xFFFF];
    in.get(raw);
    return new String(raw, StandardCharsets.UTF_8);
  }
}
