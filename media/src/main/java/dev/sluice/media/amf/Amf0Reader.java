package dev.sluice.media.amf;

import dev.sluice.media.amf.AmfException.Reason;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One AMF0 decode with its budget. Threading: one caller. */
final class Amf0Reader {
  private final ByteBuf in;
  private final AmfBudget budget;

  Amf0Reader(ByteBuf in, AmfLimits limits) {
    this.in = in;
    this.budget = new AmfBudget(in, limits);
  }

  List<AmfValue> readAll() {
    List<AmfValue> values = new ArrayList<>();
    while (in.isReadable()) {
      values.add(readValue(0));
    }
    return values;
  }

  AmfValue readValue(int depth) {
    budget.countElement(depth);
    budget.require(1);
    int marker = in.readUnsignedByte();
    return switch (marker) {
      case Amf0.NUMBER -> new AmfValue.Num(readNumber());
      case Amf0.BOOLEAN -> {
        budget.require(1);
        yield new AmfValue.Bool(in.readByte() != 0);
      }
      case Amf0.STRING -> new AmfValue.Str(readString());
      case Amf0.OBJECT -> new AmfValue.Obj(readProperties(depth));
      case Amf0.NULL -> AmfValue.Nothing.NULL;
      case Amf0.UNDEFINED -> AmfValue.Nothing.UNDEFINED;
      case Amf0.REFERENCE -> {
        budget.require(2);
        in.skipBytes(2);
        yield AmfValue.Nothing.UNDEFINED;
      }
      case Amf0.ECMA_ARRAY -> {
        budget.require(4);
        in.skipBytes(4); // count: a hint that encoders get wrong
        yield new AmfValue.EcmaArray(readProperties(depth));
      }
      case Amf0.STRICT_ARRAY -> readStrictArray(depth);
      case Amf0.DATE -> {
        double epochMs = readNumber();
        budget.require(2);
        in.skipBytes(2);
        yield new AmfValue.Date(epochMs);
      }
      case Amf0.LONG_STRING, Amf0.XML_DOCUMENT -> {
        budget.require(4);
        yield new AmfValue.Str(budget.readUtf8(in.readInt()));
      }
      case Amf0.TYPED_OBJECT -> {
        String className = readString();
        yield new AmfValue.TypedObj(className, readProperties(depth));
      }
      case Amf0.AMF3 -> new Amf3Reader(in, budget).readValue(depth);
      default ->
          throw new AmfException(
              Reason.UNSUPPORTED_MARKER, "marker: " + marker + " (expected: an AMF0 value)");
    };
  }

  private double readNumber() {
    budget.require(8);
    return in.readDouble();
  }

  private String readString() {
    budget.require(2);
    return budget.readUtf8(in.readUnsignedShort());
  }

  /**
   * Reads keys and values up to the end mark. An object that ends with the message, without its
   * mark, is taken as complete: some encoders forget the mark of onMetaData.
   */
  private Map<String, AmfValue> readProperties(int depth) {
    Map<String, AmfValue> properties = new LinkedHashMap<>();
    while (in.isReadable()) {
      String key = readString();
      if (key.isEmpty() && in.isReadable() && in.getByte(in.readerIndex()) == Amf0.OBJECT_END) {
        in.skipBytes(1);
        break;
      }
      properties.put(key, readValue(depth + 1));
    }
    return properties;
  }

  private AmfValue readStrictArray(int depth) {
    budget.require(4);
    int count = in.readInt();
    budget.require(count); // each element takes at least its marker
    List<AmfValue> elements = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      elements.add(readValue(depth + 1));
    }
    return new AmfValue.StrictArray(elements);
  }
}
