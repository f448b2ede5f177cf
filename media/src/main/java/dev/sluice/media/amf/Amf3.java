package dev.sluice.media.amf;

import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * The part of AMF3 ("Action Message Format AMF 3", 2013) that encoders and Flash-era players send.
 * Read only: this server always asks for AMF0 (objectEncoding 0).
 *
 * <p>Threading: stateless.
 */
public final class Amf3 {
  private Amf3() {}

  /**
   * Reads one AMF3 value. Borrows {@code in}, moves its reader index.
   *
   * <p>Vectors, dictionaries and externalizable objects are refused; references to earlier objects
   * become undefined (see {@link Amf0#decode}).
   *
   * @throws AmfException for bytes that cannot be read or pass a limit
   */
  public static AmfValue decode(ByteBuf in, AmfLimits limits) {
    return new Amf3Reader(in, new AmfBudget(in, limits)).readValue(0);
  }

  /**
   * Reads the body of an AMF3 command or data message (RTMP types 17 and 15): a format byte 0, then
   * AMF0 values that may switch to AMF3 with marker 0x11. A missing format byte is forgiven where
   * the first value is a string, as in every command.
   *
   * @throws AmfException for bytes that cannot be read or pass a limit
   */
  public static List<AmfValue> decodeMessage(ByteBuf in, AmfLimits limits) {
    skipFormatByte(in);
    return Amf0.decodeAll(in, limits);
  }

  /** Moves the reader index behind the format byte, if it is there. */
  public static void skipFormatByte(ByteBuf in) {
    if (in.isReadable() && in.getByte(in.readerIndex()) == 0) {
      in.skipBytes(1);
    }
  }
}
