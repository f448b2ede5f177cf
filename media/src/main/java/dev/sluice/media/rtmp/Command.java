package dev.sluice.media.rtmp;

import dev.sluice.media.amf.Amf0;
import dev.sluice.media.amf.Amf3;
import dev.sluice.media.amf.AmfException;
import dev.sluice.media.amf.AmfLimits;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.rtmp.RtmpException.Reason;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * A command message (section 7.1.1).
 *
 * @param name such as {@code publish}
 * @param transaction number to answer to; 0 wants no answer
 * @param values what follows, the command object first
 * @param messageStreamId the message stream it came on
 */
record Command(String name, double transaction, List<AmfValue> values, int messageStreamId) {

  static boolean isCommand(int messageType) {
    return messageType == MessageType.COMMAND_AMF0 || messageType == MessageType.COMMAND_AMF3;
  }

  /**
   * Reads a command, whose length {@link ChunkDecoder} has bounded. Borrows {@code payload}.
   *
   * @throws RtmpException when its AMF cannot be read
   */
  static Command decode(int messageType, int messageStreamId, ByteBuf payload, RtmpLimits limits) {
    AmfLimits amfLimits = limits.amf();
    List<AmfValue> all;
    try {
      ByteBuf in = payload.duplicate();
      all =
          messageType == MessageType.COMMAND_AMF3
              ? Amf3.decodeMessage(in, amfLimits)
              : Amf0.decodeAll(in, amfLimits);
    } catch (AmfException e) {
      throw new RtmpException(Reason.BAD_AMF, "command: " + e.getMessage(), e);
    }
    if (all.isEmpty() || !(all.getFirst() instanceof AmfValue.Str(String name))) {
      throw new RtmpException(Reason.BAD_AMF, "command: no name (expected: a string first)");
    }
    double transaction = all.size() > 1 ? all.get(1).asNumber(0) : 0;
    List<AmfValue> rest = all.size() > 2 ? all.subList(2, all.size()) : List.of();
    return new Command(name, transaction, rest, messageStreamId);
  }

  /** The value at this place, 0 being the command object; undefined when there is none. */
  AmfValue value(int index) {
    return index < values.size() ? values.get(index) : AmfValue.Nothing.UNDEFINED;
  }
}
