package dev.sluice.media.vod;

import dev.sluice.media.flv.AudioFrames;
import dev.sluice.media.flv.FlvException;
import dev.sluice.media.flv.FlvFormat;
import dev.sluice.media.flv.FlvReader;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.fmp4.Fragment;
import dev.sluice.media.fmp4.InitSegment;
import dev.sluice.media.segment.SegmentMark;
import dev.sluice.media.ts.TsFragment;
import dev.sluice.media.ts.TsSegment;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes one segment of a stored file from its stretch of bytes, in the same way as live parts are
 * made. The same file gives the same bytes on every server.
 *
 * <p>Sound begins at the time of its first tag in the segment, moved to where the frames of the
 * file would lie if they followed each other from the first one on, when that is within the
 * rounding of FLV's milliseconds; so the segments of most files join without a gap of a sample.
 *
 * <p>Pure; one caller, who calls {@link #close}.
 */
public final class VodFragment implements AutoCloseable {
  private static final long ROUNDING_MS = 2;
  private static final long SECOND_MS = 1000;
  private static final long BELIEVED_MS = 1000;

  private final FlvOpening file;
  private final VodSegments.Segment segment;
  private final @Nullable FlvTag videoHeader;
  private final @Nullable FlvTag audioHeader;
  private final FlvReader reader = new FlvReader();
  private final List<FlvTag> tags = new ArrayList<>();
  private final @Nullable FileBreaks breaks;
  private long position;
  private boolean damaged;
  private boolean otherVideo;
  private boolean otherAudio;

  /** A segment of a file that goes on as it begins, of which no bytes were read. */
  public VodFragment(FlvOpening file, VodSegments.Segment segment) {
    this(file, null, segment);
  }

  /**
   * A segment of which no bytes were read.
   *
   * @param breaks what a {@link KeyframeScan} found; null when the file needed none
   */
  public VodFragment(FlvOpening file, @Nullable FileBreaks breaks, VodSegments.Segment segment) {
    this.file = file;
    this.segment = segment;
    this.breaks = breaks;
    this.position = segment.byteFrom();
    FileBreaks.Config config = breaks == null ? null : breaks.configs().get(segment.config());
    this.videoHeader = config == null ? file.pictureConfig() : config.video();
    this.audioHeader = config == null ? file.soundConfig() : config.audio();
    ByteBuf head = Unpooled.buffer(FlvFormat.HEADER_BYTES);
    FlvFormat.writeHeader(head, true, true); // the reader takes the size before a tag with the tag
    reader.feed(head, tag -> {});
  }

  /** What a player must read first; null when no track of the file can be in MP4. */
  public static byte @Nullable [] init(FlvOpening file) {
    return InitSegment.of(file.pictureConfig(), file.soundConfig());
  }

  /** The same for each configuration of a file that was scanned, by its number. */
  public static List<byte @Nullable []> inits(FileBreaks breaks) {
    List<byte @Nullable []> all = new ArrayList<>();
    for (FileBreaks.Config config : breaks.configs()) {
      all.add(InitSegment.of(config.video(), config.audio()));
    }
    return all;
  }

  /** The tracks of the file as in a playlist's {@code CODECS}; empty when there are none. */
  public static String codecs(FlvOpening file) {
    return InitSegment.codecs(file.pictureConfig(), file.soundConfig());
  }

  /** Why the file cannot be had as MPEG-TS, as a sentence; null when it can. */
  public static @Nullable String tsRefusal(FlvOpening file) {
    return TsSegment.refusal(file.pictureConfig(), file.soundConfig());
  }

  /** The same for all configurations of a file that was scanned. */
  public static @Nullable String tsRefusal(FileBreaks breaks) {
    for (FileBreaks.Config config : breaks.configs()) {
      String why = TsSegment.refusal(config.video(), config.audio());
      if (why != null) {
        return why;
      }
    }
    return null;
  }

  /** Takes bytes of the segment, from its first on. Borrows them. */
  public void feed(ByteBuf bytes) {
    if (damaged) {
      return;
    }
    try {
      reader.feed(bytes, this::take);
    } catch (FlvException e) {
      damaged = true; // what came before it is played
    }
  }

  private void take(FlvTag tag) {
    long at = position;
    position += tag.payloadBytes() + TagHeader.OVERHEAD_BYTES;
    if (tag.sequenceHeader()) {
      FlvTag known = tag.video() ? videoHeader : audioHeader;
      boolean other =
          known != null && tag.track() == known.track() && !tag.payload().equals(known.payload());
      otherVideo = tag.video() ? other : otherVideo;
      otherAudio = tag.audio() ? other : otherAudio;
    } else if (!tag.script() && tags.size() < VodSegments.MAX_SEGMENT_FRAMES) {
      if (tag.video() ? otherVideo : otherAudio) {
        return; // no decoder of this segment can show it
      }
      long shift = breaks == null ? 0 : breaks.shift(tag.video(), at);
      // More are no film's, and left out.
      tags.add(shift == 0 ? tag.retain() : tag.at(Math.max(0, tag.timestampMs() + shift)));
    }
  }

  /**
   * Whether the bytes are what the plan says: they begin with what playing can start at, at about
   * the time told. To be asked when some were fed; a file that answers no needs a {@link
   * KeyframeScan}.
   */
  public boolean asPlanned() {
    if (tags.isEmpty()) {
      return false;
    }
    FlvTag first = tags.getFirst();
    boolean starts = file.hasVideo() ? first.keyframe() : first.audio();
    return starts && Math.abs(first.timestampMs() - segment.startMs()) <= BELIEVED_MS;
  }

  /**
   * Whether the segment ends with another configuration than its own, which is that of the next.
   * What follows it is left out.
   */
  public boolean changesConfig() {
    return otherVideo || otherAudio;
  }

  /** The segment as MP4, of what was fed; the caller owns it. */
  public ByteBuf mp4() {
    return Fragment.of(mark(), segment.endMs(), tags, videoHeader, audioHeader);
  }

  /** The segment as MPEG-TS, of what was fed; the caller owns it. */
  public ByteBuf ts() {
    return TsFragment.of(mark(), tags, videoHeader, audioHeader);
  }

  private SegmentMark mark() {
    return mark(segment, anchor());
  }

  /** What stands before a segment, as before a live part. */
  static SegmentMark mark(VodSegments.Segment segment, long audioAnchor) {
    return new SegmentMark(
        1,
        0,
        segment.startMs(),
        segment.number(),
        0,
        0,
        true,
        false,
        false,
        0,
        0,
        audioAnchor,
        1,
        SegmentMark.NOTHING_ENDS,
        0,
        0);
  }

  private long anchor() {
    FlvTag header = audioHeader;
    AudioFrames frames = header == null ? null : AudioFrames.of(header);
    if (header == null || frames == null) {
      return SegmentMark.NO_AUDIO;
    }
    for (FlvTag tag : tags) {
      long samples = tag.audio() && tag.track() == header.track() ? frames.samples(tag) : 0;
      if (samples > 0) {
        long first = ticks(file.firstSoundMs(), frames.rate());
        long own = ticks(tag.timestampMs(), frames.rate());
        long joined = first + Math.floorDiv(own - first + samples / 2, samples) * samples;
        boolean near = Math.abs(joined - own) <= ROUNDING_MS * frames.rate() / SECOND_MS;
        return near && joined >= 0 ? joined : own;
      }
    }
    return SegmentMark.NO_AUDIO;
  }

  private static long ticks(long timeMs, int rate) {
    return Math.floorDiv(timeMs * rate + SECOND_MS / 2, SECOND_MS);
  }

  /** Frees what was fed. */
  @Override
  public void close() {
    tags.forEach(FlvTag::release);
    tags.clear();
    reader.close();
  }
}
