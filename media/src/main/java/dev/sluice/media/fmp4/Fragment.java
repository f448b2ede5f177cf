package dev.sluice.media.fmp4;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.MediaPayload;
import dev.sluice.media.segment.AudioGrid;
import dev.sluice.media.segment.SegmentMark;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One part of a segment: the frames between two marks. A segment is its parts, one behind the
 * other.
 *
 * <pre>
 * moof: mfhd, traf (pictures: tfhd, tfdt, trun), traf (sound: the same)
 * mdat: the pictures, then the sound
 * </pre>
 *
 * <p>Pictures are decoded at their tags' times, the first at the time at which the part begins, so
 * that decoding goes on where the part before ended; when they are shown does not change by that.
 * The last one lasts until the part's end. Sound lies where {@link AudioGrid} says. A tag of
 * another codec or track, or without content, is left out. Equal arguments give equal bytes.
 *
 * <p>Threading: pure.
 */
public final class Fragment {
  /** Most bytes of frames in one part. */
  public static final int MAX_BYTES = 512 << 20;

  private static final int PARTS_PER_SEGMENT = 1000;

  private Fragment() {}

  /**
   * Makes it.
   *
   * @param begins the mark before the part
   * @param endMs stream time at which the part ends, in milliseconds: {@link SegmentMark#endMs} of
   *     the mark behind it
   * @param tags what is between the marks, with stream time, in the order of the stream. Borrowed;
   *     headers and script data among them are passed by
   * @param videoHeader the picture track's, as for {@link InitSegment#of}; null without pictures
   * @param audioHeader the sound track's; null without sound
   * @return a buffer of its own that the caller owns
   * @throws IllegalArgumentException past {@link #MAX_BYTES}
   */
  public static ByteBuf of(
      SegmentMark begins,
      long endMs,
      List<FlvTag> tags,
      @Nullable FlvTag videoHeader,
      @Nullable FlvTag audioHeader) {
    TrackRun video = pictures(begins, endMs, tags, Mp4Track.video(videoHeader));
    TrackRun audio = sound(begins, tags, Mp4Track.audio(audioHeader), audioHeader);
    long payload = video.bytes() + audio.bytes();
    if (payload > MAX_BYTES) {
      throw new IllegalArgumentException(
          "part: " + payload + " bytes of frames (expected: at most " + MAX_BYTES + ")");
    }
    int moofBytes = 8 + 16 + video.boxBytes() + audio.boxBytes();
    int total = moofBytes + 8 + (int) payload;
    ByteBuf bytes = ByteBufAllocator.DEFAULT.buffer(total, total);
    BoxWriter out = new BoxWriter(bytes);
    int moof = out.begin("moof");
    int mfhd = out.begin("mfhd", 0, 0);
    out.u32((int) (begins.msn() * PARTS_PER_SEGMENT + begins.part())).end(mfhd);
    video.write(out, moofBytes + 8);
    audio.write(out, moofBytes + 8 + (int) video.bytes());
    out.end(moof);
    int mdat = out.begin("mdat");
    video.copyFrames(bytes);
    audio.copyFrames(bytes);
    out.end(mdat);
    return bytes;
  }

  private static TrackRun pictures(
      SegmentMark begins, long endMs, List<FlvTag> tags, @Nullable Mp4Track track) {
    TrackRun run = new TrackRun(Mp4Track.VIDEO_ID, true, tags.size());
    if (track == null) {
      return run;
    }
    long end = Math.max(0, endMs) * Mp4Track.VIDEO_UNITS_PER_MS;
    long next = Math.max(0, begins.timeMs()) * Mp4Track.VIDEO_UNITS_PER_MS;
    for (FlvTag tag : tags) {
      MediaPayload frame = track.config().frame(tag);
      if (frame != null) {
        long time = tag.timestampMs() * Mp4Track.VIDEO_UNITS_PER_MS;
        long decode = run.isEmpty() ? next : Math.max(next, time);
        long shown = time + (long) frame.compositionMs() * Mp4Track.VIDEO_UNITS_PER_MS;
        run.add(tag, frame, decode, shown);
        next = decode + 1;
      }
    }
    run.endAt(end, Mp4Track.VIDEO_UNITS_PER_MS);
    return run;
  }

  private static TrackRun sound(
      SegmentMark begins, List<FlvTag> tags, @Nullable Mp4Track track, @Nullable FlvTag header) {
    TrackRun run = new TrackRun(Mp4Track.AUDIO_ID, false, tags.size());
    AudioGrid grid = track == null || header == null ? null : AudioGrid.of(header);
    if (track == null || grid == null) {
      return run;
    }
    grid.anchor(begins.audioAnchor());
    long end = 0;
    for (FlvTag tag : tags) {
      MediaPayload frame = track.config().frame(tag);
      if (frame != null) {
        long place = Math.max(0, grid.place(tag));
        boolean late = run.isEmpty() && begins.audioAnchor() >= 0;
        run.add(tag, frame, late ? Math.min(begins.audioAnchor(), place) : place, place);
        end = grid.next();
      }
    }
    run.endAt(end, 1);
    return run;
  }
}
