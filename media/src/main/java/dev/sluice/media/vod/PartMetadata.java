package dev.sluice.media.vod;

import dev.sluice.media.amf.AmfException;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.flv.ScriptData;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a file's onMetaData still says to who gets the file from a place on, and not the file
 * itself: all but its index and its numbers of bytes, which are true of the whole file only.
 *
 * <p>It bears time 0 wherever the part begins ({@link #TIME_MS}): ffmpeg takes one at any other
 * time for the first packet of a subtitle track and then waits for more of them.
 */
final class PartMetadata {
  static final long TIME_MS = 0;

  private static final List<String> WHOLE_FILE_ONLY =
      List.of(
          "keyframes",
          "hasKeyframes",
          "filesize",
          "datasize",
          "audiosize",
          "videosize",
          "lastkeyframelocation",
          "spacer",
          "padding");

  private PartMetadata() {}

  /** The body of the script tag. Returns a new buffer that the caller owns. */
  static ByteBuf body(FlvOpening file) {
    Map<String, AmfValue> properties = new LinkedHashMap<>(file.metadata());
    WHOLE_FILE_ONLY.forEach(properties::remove);
    AmfValue duration = file.durationMs() < 0 ? null : AmfValue.of(file.durationMs() / 1000.0);
    if (duration != null) {
      properties.put("duration", duration);
    }
    try {
      return ScriptData.onMetaData(properties).encode(ByteBufAllocator.DEFAULT);
    } catch (AmfException e) { // what could be read cannot be written again, such as a name
      Map<String, AmfValue> least = duration == null ? Map.of() : Map.of("duration", duration);
      return ScriptData.onMetaData(least).encode(ByteBufAllocator.DEFAULT);
    }
  }
}
