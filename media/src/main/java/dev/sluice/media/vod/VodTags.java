package dev.sluice.media.vod;

import dev.sluice.media.flv.FlvException;
import dev.sluice.media.flv.FlvFormat;
import dev.sluice.media.flv.FlvReader;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.ScriptData;
import dev.sluice.media.flv.TagType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The tags that a viewer of a file gets from a place on: metadata, the sequence headers, then those
 * of the file, without what was sent already and without what the viewer does not want. One thread.
 */
final class VodTags {
  private final ArrayDeque<FlvTag> ready = new ArrayDeque<>();
  private @Nullable FlvReader reader;
  private @Nullable ByteBuf videoHeader;
  private @Nullable ByteBuf audioHeader;
  private boolean noAudio;
  private boolean noVideo;
  private boolean awaitsKeyframe;
  private boolean damaged;

  /** Forgets what is ready and begins anew, with sequence headers at the given time. */
  void begin(FlvOpening file, long timeMs) {
    close();
    damaged = false;
    FlvReader fresh = new FlvReader();
    reader = fresh;
    ByteBuf head = Unpooled.buffer(FlvFormat.HEADER_BYTES);
    FlvFormat.writeHeader(head, true, true); // the reader takes the size before a tag with the tag
    fresh.feed(head, tag -> {});
    ready.add(new FlvTag(TagType.SCRIPT, PartMetadata.TIME_MS, PartMetadata.body(file)));
    videoHeader = file.videoHeader();
    audioHeader = file.audioHeader();
    addHeader(TagType.VIDEO, videoHeader, timeMs);
    addHeader(TagType.AUDIO, audioHeader, timeMs);
  }

  private void addHeader(TagType type, @Nullable ByteBuf body, long timeMs) {
    if (body != null) {
      ready.add(new FlvTag(type, timeMs, body.retainedDuplicate()));
    }
  }

  /** Takes bytes of the file, from where a tag begins on. */
  void feed(ByteBuf bytes) {
    FlvReader into = reader;
    if (into == null || damaged) {
      return;
    }
    try {
      into.feed(bytes, this::offer);
    } catch (FlvException e) {
      damaged = true; // what came before it is played
    }
  }

  private void offer(FlvTag tag) {
    if (wanted(tag)) {
      ready.add(tag.retain());
    }
  }

  private boolean wanted(FlvTag tag) {
    return switch (tag.type()) {
      case SCRIPT -> !ScriptData.isMetadata(tag.payload());
      case AUDIO -> tag.sequenceHeader() ? newAudioHeader(tag.payload()) : !noAudio;
      case VIDEO -> tag.sequenceHeader() ? newVideoHeader(tag.payload()) : picture(tag);
    };
  }

  private boolean newAudioHeader(ByteBuf body) {
    if (body.equals(audioHeader)) {
      return false;
    }
    audioHeader = Unpooled.copiedBuffer(body);
    return true;
  }

  private boolean newVideoHeader(ByteBuf body) {
    if (body.equals(videoHeader)) {
      return false;
    }
    videoHeader = Unpooled.copiedBuffer(body);
    return true;
  }

  private boolean picture(FlvTag tag) {
    awaitsKeyframe &= !tag.keyframe();
    return !noVideo && !awaitsKeyframe;
  }

  /** The viewer switches sound and picture; the picture comes back with a keyframe. */
  void choose(boolean audio, boolean video) {
    noAudio = !audio;
    awaitsKeyframe |= noVideo && video;
    noVideo = !video;
  }

  /** The next tag, borrowed; null when bytes are needed. */
  @Nullable FlvTag peek() {
    return ready.peek();
  }

  /** Forgets the next tag. */
  void drop() {
    ready.remove().release();
  }

  /** Whether what follows cannot be read. */
  boolean damaged() {
    return damaged;
  }

  void close() {
    ready.forEach(FlvTag::release);
    ready.clear();
    if (reader != null) {
      reader.close();
      reader = null;
    }
  }
}
