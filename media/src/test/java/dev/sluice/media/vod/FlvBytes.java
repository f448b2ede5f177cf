package dev.sluice.media.vod;

import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.flv.FlvFormat;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.ScriptData;
import dev.sluice.media.flv.TagType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** FLV files made for tests, and where in them playing can start. */
public final class FlvBytes {
  /** A keyframe, or an audio tag in a file without video. */
  public record Start(long position, long timeMs) {}

  private final ByteBuf out = Unpooled.buffer(1 << 16);
  private final List<Start> starts = new ArrayList<>();
  private final Random random = new Random(5);
  private long lastMs;

  /** An empty file whose header announces these tracks. */
  public FlvBytes(boolean audio, boolean video) {
    FlvFormat.writeHeader(out, audio, video);
  }

  /** A file of so many groups of pictures of 10 frames each, 40 ms apart, with audio between. */
  public static FlvBytes clip(int gops, int frameBytes) {
    FlvBytes file = new FlvBytes(true, true).videoHeader().audioHeader();
    for (int i = 0; i < gops * 10; i++) {
      file.frame(i * 40L, i % 10 == 0, frameBytes).audio(i * 40L + 5, 60);
    }
    return file;
  }

  /** Adds onMetaData. */
  public FlvBytes metadata(Map<String, AmfValue> properties) {
    tag(TagType.SCRIPT, 0, ScriptData.onMetaData(properties).encode(ByteBufAllocator.DEFAULT));
    return this;
  }

  /** Adds a sequence header. */
  public FlvBytes videoHeader() {
    tag(TagType.VIDEO, 0, body(new int[] {0x17, 0, 0, 0, 0}, 20));
    return this;
  }

  /** Adds a sequence header. */
  public FlvBytes audioHeader() {
    tag(TagType.AUDIO, 0, body(new int[] {0xaf, 0}, 2));
    return this;
  }

  /** Adds a picture of about so many bytes. */
  public FlvBytes frame(long timeMs, boolean key, int bytes) {
    if (key) {
      starts.add(new Start(out.readableBytes(), timeMs));
    }
    tag(TagType.VIDEO, timeMs, body(new int[] {key ? 0x17 : 0x27, 1, 0, 0, 0}, bytes));
    return this;
  }

  /** Adds sound. */
  public FlvBytes audio(long timeMs, int bytes) {
    tag(TagType.AUDIO, timeMs, body(new int[] {0xaf, 1}, bytes));
    return this;
  }

  /** Adds sound at which a file without video may start. */
  public FlvBytes startingAudio(long timeMs, int bytes) {
    starts.add(new Start(out.readableBytes(), timeMs));
    return audio(timeMs, bytes);
  }

  private ByteBuf body(int[] first, int more) {
    byte[] bytes = new byte[first.length + more];
    random.nextBytes(bytes);
    for (int i = 0; i < first.length; i++) {
      bytes[i] = (byte) first[i];
    }
    return Unpooled.wrappedBuffer(bytes);
  }

  private void tag(TagType type, long timeMs, ByteBuf body) {
    lastMs = Math.max(lastMs, timeMs);
    FlvTag tag = new FlvTag(type, timeMs, body);
    FlvFormat.writeTag(out, tag, timeMs);
    tag.release();
  }

  /** Time of the last tag. */
  public long lastMs() {
    return lastMs;
  }

  /** Where playing can start. */
  public List<Start> starts() {
    return starts;
  }

  /** The last start at or before a time; the first for times before it. */
  public Start startAt(long timeMs) {
    Start found = starts.getFirst();
    for (Start start : starts) {
      if (start.timeMs() <= timeMs) {
        found = start;
      }
    }
    return found;
  }

  /** The file. */
  public byte[] bytes() {
    return ByteBufUtil.getBytes(out);
  }

  /** The same file with the index that players know in front; {@code shift} makes it wrong. */
  public byte[] indexed(int shift) {
    int length = index(0).length;
    byte[] metadata = index(length + shift);
    ByteBuf all = Unpooled.buffer();
    all.writeBytes(out, 0, FlvFormat.HEADER_BYTES).writeBytes(metadata);
    all.writeBytes(out, FlvFormat.HEADER_BYTES, out.readableBytes() - FlvFormat.HEADER_BYTES);
    return ByteBufUtil.getBytes(all);
  }

  /** Bytes that {@link #indexed} puts in front of the first tag. */
  public int indexBytes() {
    return index(0).length;
  }

  private byte[] index(int moved) {
    List<AmfValue> positions = new ArrayList<>();
    List<AmfValue> times = new ArrayList<>();
    for (Start start : starts) {
      positions.add(AmfValue.of((double) (start.position() + moved)));
      times.add(AmfValue.of(start.timeMs() / 1000.0));
    }
    Map<String, AmfValue> keyframes = new LinkedHashMap<>();
    keyframes.put("filepositions", new AmfValue.StrictArray(positions));
    keyframes.put("times", new AmfValue.StrictArray(times));
    Map<String, AmfValue> properties = new LinkedHashMap<>();
    properties.put("duration", AmfValue.of(lastMs / 1000.0));
    properties.put("keyframes", new AmfValue.Obj(keyframes));
    properties.put("hasKeyframes", AmfValue.of(true));
    properties.put("filesize", AmfValue.of((double) (out.readableBytes() + moved)));
    properties.put("lastkeyframelocation", positions.getLast());
    properties.put("lastkeyframetimestamp", times.getLast());
    ByteBuf tag = Unpooled.buffer();
    ByteBuf body = ScriptData.onMetaData(properties).encode(ByteBufAllocator.DEFAULT);
    FlvTag script = new FlvTag(TagType.SCRIPT, 0, body);
    FlvFormat.writeTag(tag, script, 0);
    script.release();
    return ByteBufUtil.getBytes(tag);
  }
}
