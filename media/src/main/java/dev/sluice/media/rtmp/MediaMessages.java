package dev.sluice.media.rtmp;

import dev.sluice.media.amf.Amf3;
import dev.sluice.media.amf.AmfException;
import dev.sluice.media.amf.AmfLimits;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.ScriptData;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.rtmp.RtmpException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes tags of audio, video, data and aggregate messages: unwraps their time, splits aggregates,
 * takes {@code @setDataFrame} off and writes metadata as the ECMA array that viewers expect.
 *
 * <p>Threading: confined to one connection.
 */
final class MediaMessages {
  static final String SET_DATA_FRAME = "@setDataFrame";

  private static final String STATUS = "onStatus";
  private static final int TAG_HEADER_BYTES = 11;
  private static final int AMF_STRING = 2;

  private final ByteBufAllocator allocator;
  private final AmfLimits amfLimits;
  private final TimestampUnwrap time = new TimestampUnwrap();

  MediaMessages(ByteBufAllocator allocator, RtmpLimits limits) {
    this.allocator = allocator;
    this.amfLimits = limits.amf();
  }

  static boolean isMedia(int messageType) {
    return switch (messageType) {
      case MessageType.AUDIO,
          MessageType.VIDEO,
          MessageType.DATA_AMF0,
          MessageType.DATA_AMF3,
          MessageType.AGGREGATE ->
          true;
      default -> false;
    };
  }

  /**
   * Hands out the tags of one media message. Borrows {@code payload}; the tags are borrowed too.
   *
   * @throws RtmpException for an aggregate whose parts do not fit
   */
  void readTags(int messageType, int timestamp, ByteBuf payload, Consumer<FlvTag> sink) {
    switch (messageType) {
      case MessageType.AUDIO ->
          handOut(new FlvTag(TagType.AUDIO, time.next(timestamp), payload.retain()), sink);
      case MessageType.VIDEO ->
          handOut(new FlvTag(TagType.VIDEO, time.next(timestamp), payload.retain()), sink);
      case MessageType.DATA_AMF3, MessageType.DATA_AMF0 -> {
        FlvTag tag = readScript(messageType, timestamp, payload);
        if (tag != null) {
          handOut(tag, sink);
        }
      }
      case MessageType.AGGREGATE -> readAggregate(timestamp, payload, sink);
      default -> {}
    }
  }

  private static void handOut(FlvTag tag, Consumer<FlvTag> sink) {
    try {
      sink.accept(tag);
    } finally {
      tag.release();
    }
  }

  /** A script tag, or null for data that is not about the stream. Returns an owned tag. */
  private @Nullable FlvTag readScript(int messageType, int timestamp, ByteBuf payload) {
    ByteBuf body = payload.duplicate();
    if (messageType == MessageType.DATA_AMF3) {
      Amf3.skipFormatByte(body);
    }
    String name = peekString(body);
    if (name.equals(SET_DATA_FRAME)) {
      body.skipBytes(3 + name.length());
      name = peekString(body);
    }
    if (name.isEmpty() || name.charAt(0) == '@' || name.charAt(0) == '|' || name.equals(STATUS)) {
      return null; // @clearDataFrame, |RtmpSampleAccess, NetStream.Data.Start, or nothing readable
    }
    ByteBuf own = name.equals(ScriptData.ON_META_DATA) ? rewriteMetadata(body) : null;
    return new FlvTag(
        TagType.SCRIPT, time.beside(timestamp), own == null ? body.retainedSlice() : own);
  }

  /** Metadata written anew for live viewers; null to pass what cannot be read on as it is. */
  private @Nullable ByteBuf rewriteMetadata(ByteBuf body) {
    try {
      ScriptData data = ScriptData.decode(body, amfLimits);
      return data == null ? null : data.forLive().encode(allocator);
    } catch (AmfException e) {
      return null;
    }
  }

  /** The AMF0 string at the reader index, or empty when there is none. Moves no index. */
  private static String peekString(ByteBuf body) {
    int at = body.readerIndex();
    if (body.readableBytes() < 3 || body.getByte(at) != AMF_STRING) {
      return "";
    }
    int length = body.getUnsignedShort(at + 1);
    return body.readableBytes() < 3 + length
        ? ""
        : body.toString(at + 3, length, StandardCharsets.ISO_8859_1);
  }

  /**
   * Section 7.1.6: FLV tags with their PreviousTagSize. Their times count from that of the first,
   * which stands for the message's own.
   */
  private void readAggregate(int timestamp, ByteBuf payload, Consumer<FlvTag> sink) {
    ByteBuf in = payload.duplicate();
    int shift = 0;
    boolean first = true;
    while (in.isReadable()) {
      if (in.readableBytes() < TAG_HEADER_BYTES) {
        throw new RtmpException(
            Reason.BAD_AGGREGATE,
            "tag header: " + in.readableBytes() + " bytes (expected: " + TAG_HEADER_BYTES + ")");
      }
      int type = in.readUnsignedByte();
      int length = in.readUnsignedMedium();
      int tagTime = in.readUnsignedMedium() | in.readUnsignedByte() << 24;
      in.skipBytes(3);
      if (length > in.readableBytes()) {
        throw new RtmpException(
            Reason.BAD_AGGREGATE,
            "tag: " + length + " bytes (expected: at most " + in.readableBytes() + ")");
      }
      if (first) {
        shift = timestamp - tagTime;
        first = false;
      }
      if (TagType.of(type) != null) {
        readTags(type, tagTime + shift, in.slice(in.readerIndex(), length), sink);
      }
      in.skipBytes(length);
      in.skipBytes(Math.min(4, in.readableBytes()));
    }
  }
}
