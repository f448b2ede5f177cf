package dev.sluice.media.flv;

import dev.sluice.media.amf.Amf0;
import dev.sluice.media.amf.AmfException;
import dev.sluice.media.amf.AmfLimits;
import dev.sluice.media.amf.AmfValue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Script data: a name and values, in AMF0. Immutable.
 *
 * @param name such as {@link #ON_META_DATA}
 * @param values what follows the name
 */
public record ScriptData(String name, List<AmfValue> values) {
  /** Name of the script data that describes the stream. */
  public static final String ON_META_DATA = "onMetaData";

  private static final Set<String> OF_AUDIO =
      Set.of(
          "audiocodecid",
          "audiodatarate",
          "audiosamplerate",
          "audiosamplesize",
          "audiochannels",
          "audiodelay",
          "stereo",
          "audioTrackIdInfoMap");

  private static final Set<String> OF_VIDEO =
      Set.of(
          "videocodecid",
          "videodatarate",
          "framerate",
          "fps",
          "width",
          "height",
          "displayWidth",
          "displayHeight",
          "videoTrackIdInfoMap");

  private static final byte[] ON_META_DATA_AMF =
      "\2\0\nonMetaData".getBytes(StandardCharsets.ISO_8859_1);

  /** Copies the values. */
  public ScriptData {
    values = List.copyOf(values);
  }

  /** Script data that describes a stream, as the ECMA array that ffmpeg and others expect. */
  public static ScriptData onMetaData(Map<String, AmfValue> properties) {
    return new ScriptData(ON_META_DATA, List.of(new AmfValue.EcmaArray(properties)));
  }

  /**
   * Reads the body of a script tag. Borrows {@code body} and leaves its indices alone.
   *
   * @return null when the body does not start with a name
   * @throws AmfException for bytes that are not AMF0 or pass a limit
   */
  public static @Nullable ScriptData decode(ByteBuf body, AmfLimits limits) {
    List<AmfValue> all = Amf0.decodeAll(body.duplicate(), limits);
    if (!all.isEmpty() && all.getFirst() instanceof AmfValue.Str(String name)) {
      return new ScriptData(name, all.subList(1, all.size()));
    }
    return null;
  }

  /** Whether the body of a script tag is named {@link #ON_META_DATA}. Borrows it. */
  public static boolean isMetadata(ByteBuf body) {
    int start = body.readerIndex();
    if (body.readableBytes() < ON_META_DATA_AMF.length) {
      return false;
    }
    for (int i = 0; i < ON_META_DATA_AMF.length; i++) {
      if (body.getByte(start + i) != ON_META_DATA_AMF[i]) {
        return false;
      }
    }
    return true;
  }

  /** Writes the body of a script tag. Returns a new buffer that the caller owns. */
  public ByteBuf encode(ByteBufAllocator allocator) {
    ByteBuf out = allocator.buffer();
    try {
      Amf0.encode(out, AmfValue.of(name));
      for (AmfValue value : values) {
        Amf0.encode(out, value);
      }
      return out;
    } catch (RuntimeException e) {
      out.release();
      throw e;
    }
  }

  /** The properties of the first value; empty when it is no object and no ECMA array. */
  public Map<String, AmfValue> properties() {
    return values.isEmpty() ? Map.of() : values.getFirst().asProperties();
  }

  /**
   * The same metadata for a stream that carries these tracks now: what it says of others is left
   * out, as players wait for each track that it names.
   */
  public ScriptData withTracks(boolean audio, boolean video) {
    Map<String, AmfValue> kept = new LinkedHashMap<>(properties());
    if (!audio) {
      kept.keySet().removeAll(OF_AUDIO);
    }
    if (!video) {
      kept.keySet().removeAll(OF_VIDEO);
    }
    kept.replace("hasAudio", AmfValue.of(audio));
    kept.replace("hasVideo", AmfValue.of(video));
    return onMetaData(kept);
  }

  /**
   * The same metadata for a live stream: an ECMA array, without {@code duration} and {@code
   * filesize}, which make players treat the stream as a file.
   */
  public ScriptData forLive() {
    Map<String, AmfValue> kept = new LinkedHashMap<>(properties());
    kept.remove("duration");
    kept.remove("filesize");
    return onMetaData(kept);
  }
}
