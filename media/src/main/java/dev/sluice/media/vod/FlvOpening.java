package dev.sluice.media.vod;

import dev.sluice.media.amf.AmfException;
import dev.sluice.media.amf.AmfLimits;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.flv.FlvFormat;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.ScriptData;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.flv.TagType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the start of an FLV file says: its metadata, the sequence headers and which tracks there
 * are; and, where the metadata has no duration, what its end says. Looks at the first tags until
 * both tracks have shown themselves, at most {@value #MAX_TAGS}.
 *
 * <p>Pure; one caller.
 */
public final class FlvOpening implements FileProbe {
  private static final int WINDOW_BYTES = 64 << 10;
  private static final int TAIL_BYTES = 256 << 10;
  private static final int MAX_TAGS = 256;

  /** Longest sequence header that is kept. */
  private static final int MAX_HEADER_BYTES = 1 << 20;

  /** An index of a hundred thousand keyframes. */
  private static final AmfLimits METADATA_LIMITS = new AmfLimits(16, 300_000);

  private enum Stage {
    HEAD,
    TAGS,
    TAIL,
    DONE
  }

  private final long fileBytes;
  private Stage stage = Stage.HEAD;
  private long position;
  private int wanted = WINDOW_BYTES;
  private boolean flv;
  private boolean flaggedAudio;
  private boolean flaggedVideo;
  private long firstTag;
  private int tags;
  private boolean audio;
  private boolean video;
  private byte @Nullable [] metadataBody;
  private Map<String, AmfValue> metadata = Map.of();
  private @Nullable KeyframeIndex index;
  private byte @Nullable [] videoHeader;
  private byte @Nullable [] audioHeader;
  private byte @Nullable [] firstSound;
  private long firstSoundMs = -1;
  private long durationMs = -1;

  /**
   * The opening of a file that was not looked at yet.
   *
   * @param fileBytes its length
   */
  public FlvOpening(long fileBytes) {
    this.fileBytes = fileBytes;
    if (fileBytes < FlvFormat.HEADER_BYTES) {
      stage = Stage.DONE;
    }
  }

  @Override
  public boolean done() {
    return stage == Stage.DONE;
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public int bytes() {
    return wanted;
  }

  @Override
  public void look(ByteBuf part) {
    switch (stage) {
      case HEAD -> {
        readHead(part);
        if (flv) {
          readTags(part, (int) firstTag);
        } else {
          stage = Stage.DONE;
        }
      }
      case TAGS -> readTags(part, 0);
      case TAIL -> readTail(part);
      case DONE -> {}
    }
  }

  private void readHead(ByteBuf part) {
    int at = part.readerIndex();
    boolean signed = part.getUnsignedMedium(at) == ('F' << 16 | 'L' << 8 | 'V');
    long length = part.getUnsignedInt(at + 5);
    flv = signed && length >= FlvFormat.HEADER_BYTES - 4 && length <= 1024;
    int flags = part.getByte(at + 4) & 5;
    flaggedAudio = flags != 1; // without any flag, both may come
    flaggedVideo = flags != 4;
    firstTag = length + 4;
  }

  /** Reads tags from an offset of the part on, as far as it reaches. */
  private void readTags(ByteBuf part, int from) {
    stage = Stage.TAGS;
    int start = part.readerIndex();
    int at = start + from;
    while (tags < MAX_TAGS && !bothSeen()) {
      TagHeader header = TagHeader.read(part, at);
      long next = position + (at - start);
      boolean whole = header != null && next + header.stride() - 4 <= fileBytes;
      int left = part.writerIndex() - at;
      if (header == null && left < TagHeader.BYTES && at > start && next < fileBytes) {
        ask(next, WINDOW_BYTES);
        return;
      }
      if (header == null || !whole) {
        break;
      }
      int needed = neededBytes(header);
      if (left < needed) {
        ask(next, Math.max(needed, WINDOW_BYTES));
        return;
      }
      take(header, part, at + TagHeader.BYTES);
      tags++;
      if (header.stride() > left) {
        ask(next + header.stride(), WINDOW_BYTES);
        if (position >= fileBytes) {
          break;
        }
        return;
      }
      at += header.stride();
    }
    endTags();
  }

  private void ask(long at, int bytes) {
    position = at;
    wanted = bytes;
  }

  /** Bytes of a tag that must be seen: all of what is kept, the start of others. */
  private static int neededBytes(TagHeader header) {
    boolean kept =
        header.type() == TagType.SCRIPT
            ? header.stride() <= MAX_BYTES
            : header.header() && header.bodyBytes() <= MAX_HEADER_BYTES;
    int seen = TagHeader.BYTES + header.bodyBytes();
    return kept ? seen : Math.min(seen, TagHeader.SEEN_BYTES);
  }

  private void take(TagHeader header, ByteBuf part, int bodyAt) {
    switch (header.type()) {
      case SCRIPT -> {
        if (header.stride() <= MAX_BYTES && metadataBody == null) {
          readScript(part.slice(bodyAt, header.bodyBytes()));
        }
      }
      case VIDEO -> {
        if (header.header() && header.bodyBytes() <= MAX_HEADER_BYTES) {
          videoHeader = ByteBufUtil.getBytes(part, bodyAt, header.bodyBytes());
        }
        video |= header.media();
      }
      case AUDIO -> {
        if (header.header() && header.bodyBytes() <= MAX_HEADER_BYTES) {
          audioHeader = ByteBufUtil.getBytes(part, bodyAt, header.bodyBytes());
        }
        if (header.media() && !audio) {
          int seen = Math.min(header.bodyBytes(), TagHeader.SEEN_BYTES - TagHeader.BYTES);
          firstSound = ByteBufUtil.getBytes(part, bodyAt, seen);
          firstSoundMs = header.timeMs();
        }
        audio |= header.media();
      }
    }
  }

  private void readScript(ByteBuf body) {
    try {
      ScriptData data = ScriptData.decode(body, METADATA_LIMITS);
      if (data != null && data.name().equals(ScriptData.ON_META_DATA)) {
        metadata = data.properties();
        metadataBody = ByteBufUtil.getBytes(body);
        index = KeyframeIndex.of(metadata);
        AmfValue duration = metadata.get("duration");
        double seconds = duration == null ? 0 : duration.asNumber(0);
        durationMs = seconds > 0 && seconds < 1e9 ? Math.round(seconds * 1000) : -1;
      }
    } catch (AmfException e) {
      metadataBody = null; // a file plays without what its metadata says
    }
  }

  private boolean bothSeen() {
    return (video || !flaggedVideo) && (audio || !flaggedAudio) && (video || audio);
  }

  private void endTags() {
    if (durationMs >= 0 || !(audio || video)) {
      stage = Stage.DONE;
      return;
    }
    stage = Stage.TAIL;
    wanted = TAIL_BYTES;
    position = Math.max(firstTag, fileBytes - TAIL_BYTES);
  }

  /** Takes the time of the last whole tag for the duration. */
  private void readTail(ByteBuf part) {
    stage = Stage.DONE;
    int offset = TagSync.find(part, fileBytes - position);
    if (offset < 0) {
      return;
    }
    for (int at = part.readerIndex() + offset; TagSync.whole(part, at); ) {
      TagHeader header = TagHeader.read(part, at);
      if (header == null) {
        return;
      }
      durationMs = Math.max(durationMs, header.timeMs());
      at += header.stride();
    }
  }

  /** Whether the file is FLV with any sound or picture. */
  public boolean playable() {
    return flv && (audio || video);
  }

  /** Whether it begins as FLV. */
  public boolean flv() {
    return flv;
  }

  /** Whether there is video among the first tags. */
  public boolean hasVideo() {
    return video;
  }

  /** Whether there is audio among the first tags. */
  public boolean hasAudio() {
    return audio;
  }

  /** Where the first tag begins. */
  public long firstTag() {
    return firstTag;
  }

  /** Length of the file in bytes. */
  public long fileBytes() {
    return fileBytes;
  }

  /** Media time from 0 to the last tag; -1 when nothing tells. */
  public long durationMs() {
    return durationMs;
  }

  /** Properties of onMetaData; empty when there is none. */
  Map<String, AmfValue> metadata() {
    return metadata;
  }

  byte @Nullable [] metadataBody() {
    return metadataBody;
  }

  @Nullable KeyframeIndex index() {
    return index;
  }

  /** The body of the video's sequence header as a buffer of its own; null when there is none. */
  @Nullable ByteBuf videoHeader() {
    return videoHeader == null ? null : Unpooled.wrappedBuffer(videoHeader);
  }

  /** The body of the audio's sequence header as a buffer of its own; null when there is none. */
  @Nullable ByteBuf audioHeader() {
    return audioHeader == null ? null : Unpooled.wrappedBuffer(audioHeader);
  }

  /** Time of the first sound; -1 when there is none among the first tags. */
  long firstSoundMs() {
    return firstSoundMs;
  }

  /** What tells a decoder of the sound: the sequence header, or how the first frame begins. */
  @Nullable FlvTag soundConfig() {
    byte[] body = audioHeader == null ? firstSound : audioHeader;
    return body == null ? null : pinned(TagType.AUDIO, body);
  }

  /** What tells a decoder of the pictures; null when there is no sequence header. */
  @Nullable FlvTag pictureConfig() {
    return videoHeader == null ? null : pinned(TagType.VIDEO, videoHeader);
  }

  private static FlvTag pinned(TagType type, byte[] body) {
    return SequenceHeaders.pinned(type, 0, Unpooled.wrappedBuffer(body));
  }
}
