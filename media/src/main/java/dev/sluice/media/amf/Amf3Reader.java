package dev.sluice.media.amf;

import dev.sluice.media.amf.AmfException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One AMF3 decode with its string and trait tables. Threading: one caller.
 *
 * <p>A U29 whose lowest bit is 0 refers to the table; with the bit set, the rest is a length.
 */
final class Amf3Reader {
  private static final int UNDEFINED = 0x00;
  private static final int NULL = 0x01;
  private static final int FALSE = 0x02;
  private static final int TRUE = 0x03;
  private static final int INTEGER = 0x04;
  private static final int DOUBLE = 0x05;
  private static final int STRING = 0x06;
  private static final int XML_DOC = 0x07;
  private static final int DATE = 0x08;
  private static final int ARRAY = 0x09;
  private static final int OBJECT = 0x0A;
  private static final int XML = 0x0B;
  private static final int BYTE_ARRAY = 0x0C;

  /** A class as an object announces it: its name, its fixed members, whether it has more. */
  private record Traits(String className, List<String> members, boolean dynamic) {}

  private final ByteBuf in;
  private final AmfBudget budget;
  private final List<String> strings = new ArrayList<>();
  private final List<Traits> traits = new ArrayList<>();

  Amf3Reader(ByteBuf in, AmfBudget budget) {
    this.in = in;
    this.budget = budget;
  }

  AmfValue readValue(int depth) {
    budget.countElement(depth);
    budget.require(1);
    int marker = in.readUnsignedByte();
    return switch (marker) {
      case UNDEFINED -> AmfValue.Nothing.UNDEFINED;
      case NULL -> AmfValue.Nothing.NULL;
      case FALSE -> new AmfValue.Bool(false);
      case TRUE -> new AmfValue.Bool(true);
      case INTEGER -> new AmfValue.Num(readU29() << 3 >> 3); // 29 bits, signed
      case DOUBLE -> new AmfValue.Num(readNumber());
      case STRING -> new AmfValue.Str(readString());
      case DATE ->
          (readU29() & 1) == 0 ? AmfValue.Nothing.UNDEFINED : new AmfValue.Date(readNumber());
      case XML_DOC, XML -> {
        int head = readU29();
        yield (head & 1) == 0
            ? AmfValue.Nothing.UNDEFINED
            : new AmfValue.Str(budget.readUtf8(head >>> 1));
      }
      case BYTE_ARRAY -> {
        int head = readU29();
        if ((head & 1) == 0) {
          yield AmfValue.Nothing.UNDEFINED;
        }
        budget.require(head >>> 1);
        byte[] bytes = ByteBufUtil.getBytes(in, in.readerIndex(), head >>> 1);
        in.skipBytes(bytes.length);
        yield new AmfValue.Bytes(bytes);
      }
      case ARRAY -> readArray(depth);
      case OBJECT -> readObject(depth);
      default ->
          throw new AmfException(
              Reason.UNSUPPORTED_MARKER, "marker: " + marker + " (expected: 0..12 in AMF3)");
    };
  }

  private AmfValue readArray(int depth) {
    int head = readU29();
    if ((head & 1) == 0) {
      return AmfValue.Nothing.UNDEFINED;
    }
    int count = head >>> 1;
    Map<String, AmfValue> associative = new LinkedHashMap<>();
    readDynamicMembers(associative, depth);
    budget.require(count); // each element takes at least its marker
    if (associative.isEmpty()) {
      List<AmfValue> elements = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        elements.add(readValue(depth + 1));
      }
      return new AmfValue.StrictArray(elements);
    }
    for (int i = 0; i < count; i++) {
      associative.put(Integer.toString(i), readValue(depth + 1));
    }
    return new AmfValue.EcmaArray(associative);
  }

  private AmfValue readObject(int depth) {
    int head = readU29();
    if ((head & 1) == 0) {
      return AmfValue.Nothing.UNDEFINED;
    }
    Traits type = readTraits(head);
    Map<String, AmfValue> properties = new LinkedHashMap<>();
    for (String member : type.members()) {
      properties.put(member, readValue(depth + 1));
    }
    if (type.dynamic()) {
      readDynamicMembers(properties, depth);
    }
    return type.className().isEmpty()
        ? new AmfValue.Obj(properties)
        : new AmfValue.TypedObj(type.className(), properties);
  }

  private Traits readTraits(int head) {
    if ((head & 2) == 0) {
      Traits again = lookUp(traits, head >>> 2, "traits");
      budget.countRepeated(again.className());
      again.members().forEach(budget::countRepeated);
      return again;
    }
    if ((head & 4) != 0) {
      throw new AmfException(
          Reason.UNSUPPORTED_MARKER, "object: externalizable (expected: plain members)");
    }
    String className = readString();
    int count = head >>> 4;
    budget.require(count); // each name takes at least its head
    List<String> members = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      budget.countElement(0);
      members.add(readString());
    }
    Traits type = new Traits(className, List.copyOf(members), (head & 8) != 0);
    traits.add(type);
    return type;
  }

  private void readDynamicMembers(Map<String, AmfValue> into, int depth) {
    for (String key = readString(); !key.isEmpty(); key = readString()) {
      into.put(key, readValue(depth + 1));
    }
  }

  private String readString() {
    int head = readU29();
    if ((head & 1) == 0) {
      String again = lookUp(strings, head >>> 1, "string");
      budget.countRepeated(again);
      return again;
    }
    String text = budget.readUtf8(head >>> 1);
    if (!text.isEmpty()) {
      strings.add(text);
    }
    return text;
  }

  private static <T> T lookUp(List<T> table, int index, String what) {
    if (index >= table.size()) {
      throw new AmfException(
          Reason.BAD_REFERENCE,
          what + " reference: " + index + " (expected: below " + table.size() + ")");
    }
    return table.get(index);
  }

  private double readNumber() {
    budget.require(8);
    return in.readDouble();
  }

  /** Seven bits a byte, high bit set when more follow; the fourth byte gives all eight. */
  private int readU29() {
    int value = 0;
    for (int i = 0; i < 3; i++) {
      budget.require(1);
      int next = in.readUnsignedByte();
      value = value << 7 | (next & 0x7F);
      if (next < 0x80) {
        return value;
      }
    }
    budget.require(1);
    return value << 8 | in.readUnsignedByte();
  }
}
