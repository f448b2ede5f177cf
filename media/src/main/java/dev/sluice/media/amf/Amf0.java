package dev.sluice.media.amf;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.List;
import java.util.Map;

/**
 * AMF0 ("Action Message Format AMF 0", 2007).
 *
 * <pre>
 * 00 number     double 64            0A strict array  count 32, values
 * 01 boolean    byte                 0B date          double 64, time zone 16
 * 02 string     length 16, UTF-8     0C long string   length 32, UTF-8
 * 03 object     (key, value)* 00 00 09                0F XML document, as 0C
 * 05 null   06 undefined             10 typed object  class name, then as 03
 * 08 ECMA array count 32 (a hint), then as 03         11 the value is AMF3
 * </pre>
 *
 * <p>Threading: stateless.
 */
public final class Amf0 {
  static final int NUMBER = 0x00;
  static final int BOOLEAN = 0x01;
  static final int STRING = 0x02;
  static final int OBJECT = 0x03;
  static final int NULL = 0x05;
  static final int UNDEFINED = 0x06;
  static final int REFERENCE = 0x07;
  static final int ECMA_ARRAY = 0x08;
  static final int OBJECT_END = 0x09;
  static final int STRICT_ARRAY = 0x0A;
  static final int DATE = 0x0B;
  static final int LONG_STRING = 0x0C;
  static final int XML_DOCUMENT = 0x0F;
  static final int TYPED_OBJECT = 0x10;
  static final int AMF3 = 0x11;

  private Amf0() {}

  /**
   * Reads one value and moves the reader index behind it. Borrows {@code in}.
   *
   * <p>References (marker 0x07) become undefined: no encoder sends them, and resolving them would
   * let a small message stand for a huge one.
   *
   * @throws AmfException for bytes that cannot be read or pass a limit
   */
  public static AmfValue decode(ByteBuf in, AmfLimits limits) {
    return new Amf0Reader(in, limits).readValue(0);
  }

  /**
   * Reads values until the bytes end.
   *
   * @throws AmfException for bytes that cannot be read or pass a limit
   */
  public static List<AmfValue> decodeAll(ByteBuf in, AmfLimits limits) {
    return new Amf0Reader(in, limits).readAll();
  }

  /** Writes values one after the other. */
  public static void encode(ByteBuf out, AmfValue... values) {
    for (AmfValue value : values) {
      encode(out, value);
    }
  }

  /**
   * Writes one value. Strings over 65535 bytes become long strings.
   *
   * @throws AmfException for a property name over 65535 bytes
   */
  public static void encode(ByteBuf out, AmfValue value) {
    switch (value) {
      case AmfValue.Num(double number) -> out.writeByte(NUMBER).writeDouble(number);
      case AmfValue.Bool(boolean bool) -> out.writeByte(BOOLEAN).writeBoolean(bool);
      case AmfValue.Str(String text) -> writeString(out, text);
      case AmfValue.Obj(Map<String, AmfValue> properties) -> {
        out.writeByte(OBJECT);
        writeProperties(out, properties);
      }
      case AmfValue.TypedObj(String className, Map<String, AmfValue> properties) -> {
        out.writeByte(TYPED_OBJECT);
        writeKey(out, className);
        writeProperties(out, properties);
      }
      case AmfValue.EcmaArray(Map<String, AmfValue> properties) -> {
        out.writeByte(ECMA_ARRAY).writeInt(properties.size());
        writeProperties(out, properties);
      }
      case AmfValue.StrictArray(List<AmfValue> elements) -> {
        out.writeByte(STRICT_ARRAY).writeInt(elements.size());
        for (AmfValue element : elements) {
          encode(out, element);
        }
      }
      case AmfValue.Date(double epochMs) -> out.writeByte(DATE).writeDouble(epochMs).writeShort(0);
      case AmfValue.Bytes bytes -> out.writeByte(UNDEFINED); // AMF0 has no bytes
      case AmfValue.Nothing nothing ->
          out.writeByte(nothing == AmfValue.Nothing.NULL ? NULL : UNDEFINED);
    }
  }

  private static void writeString(ByteBuf out, String text) {
    int length = ByteBufUtil.utf8Bytes(text);
    if (length <= 0xFFFF) {
      out.writeByte(STRING).writeShort(length);
    } else {
      out.writeByte(LONG_STRING).writeInt(length);
    }
    ByteBufUtil.reserveAndWriteUtf8(out, text, length);
  }

  private static void writeProperties(ByteBuf out, Map<String, AmfValue> properties) {
    for (Map.Entry<String, AmfValue> property : properties.entrySet()) {
      writeKey(out, property.getKey());
      encode(out, property.getValue());
    }
    out.writeMedium(OBJECT_END);
  }

  private static void writeKey(ByteBuf out, String key) {
    int length = ByteBufUtil.utf8Bytes(key);
    if (length > 0xFFFF) {
      throw new AmfException(
          AmfException.Reason.KEY_TOO_LONG, "key: " + length + " bytes (expected: at most 65535)");
    }
    out.writeShort(length);
    ByteBufUtil.reserveAndWriteUtf8(out, key, length);
  }
}
