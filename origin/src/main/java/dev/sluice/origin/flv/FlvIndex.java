package dev.sluice.origin.flv;

import dev.sluice.media.flv.CodecInfo;
import dev.sluice.media.flv.FlvFormat;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.PictureSize;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a player must know of an FLV file, gathered tag by tag, while it is written or read. Grows;
 * one thread.
 *
 * <p>A place to start playing is a keyframe, or in a file without video an audio tag about once a
 * second. Memory: 16 bytes for each.
 */
public final class FlvIndex {
  private static final int AUDIO_POINT_MS = 1000;
  private static final int ENHANCED_SOUND = 9;

  private long[] times = new long[64];
  private long[] positions = new long[64];
  private int points;
  private long lastMs;
  private long end = FlvFormat.HEADER_BYTES;
  private long videoTags;
  private long videoBytes;
  private long audioTags;
  private long audioBytes;
  private int videoCodecId = -1;
  private int audioCodecId = -1;
  private @Nullable CodecInfo video;
  private @Nullable CodecInfo audio;
  private PictureSize told = PictureSize.UNKNOWN;

  /**
   * Takes the next tag.
   *
   * @param tag borrowed; its body may be cut short
   * @param bodyBytes length of the whole body
   * @param position of the tag's header in the file
   */
  public void add(FlvTag tag, int bodyBytes, long position) {
    end = position + bodyBytes + FlvFormat.TAG_OVERHEAD_BYTES;
    switch (tag.type()) {
      case VIDEO -> addVideo(tag, bodyBytes, position);
      case AUDIO -> addAudio(tag, bodyBytes, position);
      case SCRIPT -> {}
    }
  }

  /** Takes what an encoder's onMetaData tells that is not in the tags. Borrows it. */
  public void noteMetadata(FlvTag tag) {
    PictureSize size = PictureSize.of(tag);
    told = size.known() ? size : told;
  }

  private void addVideo(FlvTag tag, int bodyBytes, long position) {
    if (videoTags == 0) {
      points = 0; // places of an audio prelude
    }
    videoTags++;
    videoBytes += bodyBytes;
    lastMs = Math.max(lastMs, tag.timestampMs());
    if (tag.sequenceHeader() || video == null) {
      CodecInfo info = CodecInfo.of(tag);
      video = info == null ? video : info;
      videoCodecId = bodyBytes == 0 ? -1 : codecId(tag);
    }
    if (tag.keyframe()) {
      addPoint(tag.timestampMs(), position);
    }
  }

  private void addAudio(FlvTag tag, int bodyBytes, long position) {
    audioTags++;
    audioBytes += bodyBytes;
    lastMs = Math.max(lastMs, tag.timestampMs());
    if (tag.sequenceHeader() || audio == null) {
      CodecInfo info = CodecInfo.of(tag);
      audio = info == null ? audio : info;
      audioCodecId = bodyBytes == 0 ? -1 : codecId(tag);
    }
    boolean due = points == 0 || tag.timestampMs() - times[points - 1] >= AUDIO_POINT_MS;
    if (videoTags == 0 && due && !tag.sequenceHeader()) {
      addPoint(tag.timestampMs(), position);
    }
  }

  /** The codec's nibble, or its FourCC (Enhanced RTMP). */
  private static int codecId(FlvTag tag) {
    int at = tag.payload().readerIndex();
    int first = tag.payload().getUnsignedByte(at);
    int id = tag.audio() ? first >> 4 : first & 0x0F;
    boolean enhanced = tag.audio() ? id == ENHANCED_SOUND : (first & 0x80) != 0;
    return enhanced && tag.payloadBytes() >= 5 ? tag.payload().getInt(at + 1) : id;
  }

  private void addPoint(long timeMs, long position) {
    if (points == times.length) {
      times = Arrays.copyOf(times, points * 2);
      positions = Arrays.copyOf(positions, points * 2);
    }
    times[points] = timeMs;
    positions[points++] = position;
  }

  /** Number of places where playing can start. */
  public int points() {
    return points;
  }

  /** Time of a place, milliseconds. */
  public long timeMs(int point) {
    return times[point];
  }

  /** Where a place's tag header lies in the file. */
  public long position(int point) {
    return positions[point];
  }

  /** The last place at or before a time; the first when the time is before it; -1 without any. */
  public int pointAtTime(long timeMs) {
    return at(times, timeMs);
  }

  /** The last place at or before a position; the first when that is before it; -1 without any. */
  public int pointAtPosition(long position) {
    return at(positions, position);
  }

  private int at(long[] values, long wanted) {
    int found = Arrays.binarySearch(values, 0, points, wanted);
    return Math.min(points - 1, Math.max(0, found >= 0 ? found : -found - 2));
  }

  /** Time of the last tag, milliseconds. */
  public long durationMs() {
    return lastMs;
  }

  /** Position behind the last whole tag. */
  public long end() {
    return end;
  }

  /** Whether there is any sound or picture. */
  public boolean hasMedia() {
    return videoTags + audioTags > 0;
  }

  /** Number of video tags. */
  public long videoTags() {
    return videoTags;
  }

  /** Bytes of all video bodies. */
  public long videoBytes() {
    return videoBytes;
  }

  /** Number of audio tags. */
  public long audioTags() {
    return audioTags;
  }

  /** Bytes of all audio bodies. */
  public long audioBytes() {
    return audioBytes;
  }

  /** FLV codec id or FourCC of the video; -1 when unknown. */
  public int videoCodecId() {
    return videoCodecId;
  }

  /** FLV sound format or FourCC of the audio; -1 when unknown. */
  public int audioCodecId() {
    return audioCodecId;
  }

  /** What the video announces; null when it has not. */
  public @Nullable CodecInfo video() {
    return video;
  }

  /** The picture's size, as the video's header has it, or else as the encoder told. */
  public PictureSize pictureSize() {
    CodecInfo header = video;
    return header == null || header.width() == 0
        ? told
        : new PictureSize(header.width(), header.height());
  }

  /** What the audio announces; null when it has not. */
  public @Nullable CodecInfo audio() {
    return audio;
  }
}
