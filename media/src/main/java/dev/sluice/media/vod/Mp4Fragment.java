package dev.sluice.media.vod;

import dev.sluice.media.flv.AudioFrames;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.fmp4.Fragment;
import dev.sluice.media.mp4.MovieTrack;
import dev.sluice.media.mp4.Sample;
import dev.sluice.media.segment.SegmentMark;
import dev.sluice.media.ts.TsFragment;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes one segment of a stored MP4 file from the bytes of its samples, by the code that makes live
 * parts. The same file gives the same bytes on every server.
 *
 * <p>Pure; one caller. What is fed is copied.
 */
public final class Mp4Fragment {
  /** Samples that lie so near each other are read together. */
  private static final int NEAR_BYTES = 64 << 10;

  private static final int MOST_TOGETHER = FileProbe.MAX_BYTES;

  private final Mp4Film film;
  private final VodSegments.Segment segment;
  private final List<Read> reads = new ArrayList<>();
  private final List<Placed> placed = new ArrayList<>();
  private final long audioAnchor;

  /** A sample of the segment, and its tag when its bytes were fed. */
  private static final class Placed {
    private final MovieTrack track;
    private final Sample sample;
    private @Nullable FlvTag tag;

    Placed(MovieTrack track, Sample sample) {
      this.track = track;
      this.sample = sample;
    }

    long position() {
      return sample.position();
    }
  }

  /** A stretch of the file that is needed. */
  public static final class Read {
    private final long position;
    private final List<Placed> samples = new ArrayList<>();
    private long end;

    private Read(long position) {
      this.position = position;
      this.end = position;
    }

    /** Where it begins. */
    public long position() {
      return position;
    }

    /** How long it is. */
    public int bytes() {
      return (int) (end - position);
    }
  }

  /** A segment of which no bytes were read. */
  public Mp4Fragment(Mp4Film film, int number) {
    this.film = film;
    this.segment = film.segments().all().get(number);
    long anchor = SegmentMark.NO_AUDIO;
    for (boolean video : new boolean[] {true, false}) {
      MovieTrack track = film.track(video);
      for (Sample sample : film.samples(number, video)) {
        if (track != null) {
          placed.add(new Placed(track, sample));
          anchor = video || anchor >= 0 ? anchor : anchor(track, sample);
        }
      }
    }
    audioAnchor = anchor;
    List<Placed> byPlace = new ArrayList<>(placed);
    byPlace.sort(Comparator.comparingLong(Placed::position));
    Read open = null;
    for (Placed each : byPlace) {
      long end = each.position() + each.sample.bytes();
      boolean near =
          open != null
              && each.position() - open.end <= NEAR_BYTES
              && Math.max(open.end, end) - open.position <= MOST_TOGETHER;
      if (open == null || !near) {
        open = new Read(each.position());
        reads.add(open);
      }
      open.end = Math.max(open.end, end);
      open.samples.add(each);
    }
  }

  private long anchor(MovieTrack track, Sample first) {
    FlvTag header = film.audioHeader();
    AudioFrames frames = header == null ? null : AudioFrames.of(header);
    return frames == null
        ? SegmentMark.NO_AUDIO
        : Math.max(0, track.ticks(first, frames.rate(), film.baseMs()));
  }

  /** What must be read, in the order of the file. */
  public List<Read> reads() {
    return List.copyOf(reads);
  }

  /**
   * Takes the bytes of a stretch.
   *
   * @param bytes borrowed; as many as it has
   */
  public void feed(Read read, ByteBuf bytes) {
    for (Placed each : read.samples) {
      int at = bytes.readerIndex() + (int) (each.position() - read.position);
      each.tag = each.track.tag(each.sample, film.baseMs(), bytes, at);
    }
  }

  /** The segment as MP4; the caller owns it. */
  public ByteBuf mp4() {
    return Fragment.of(mark(), segment.endMs(), tags(), film.videoHeader(), film.audioHeader());
  }

  /** The segment as MPEG-TS; the caller owns it. */
  public ByteBuf ts() {
    return TsFragment.of(mark(), tags(), film.videoHeader(), film.audioHeader());
  }

  private SegmentMark mark() {
    return VodFragment.mark(segment, audioAnchor);
  }

  /** By their times; those of one track stay in their order. */
  private List<FlvTag> tags() {
    List<FlvTag> tags = new ArrayList<>(placed.size());
    for (Placed each : placed) {
      if (each.tag != null) {
        tags.add(each.tag);
      }
    }
    tags.sort(Comparator.comparingLong(FlvTag::timestampMs));
    return tags;
  }
}
