package dev.sluice.media.segment;

import dev.sluice.media.flv.AudioFrames;
import dev.sluice.media.flv.FlvTag;
import org.jspecify.annotations.Nullable;

/**
 * Where the frames of an audio track lie on its own clock. FLV tells times in whole milliseconds,
 * which would leave a gap or an overlap of some samples at every frame; here one frame follows the
 * other from an anchor on. A frame whose own time is {@value #AHEAD_MS} ms or more ahead of its
 * place has a gap before it, and lies where its own time says.
 *
 * <p>Places depend on the anchor, the frames and their times alone, so that every server finds the
 * same ones.
 *
 * <p>Threading: confined to its owner. Pure.
 */
public final class AudioGrid {
  static final long AHEAD_MS = 100;
  private static final long SECOND_MS = 1000;

  private final AudioFrames frames;
  private long next = SegmentMark.NO_AUDIO;

  private AudioGrid(AudioFrames frames) {
    this.frames = frames;
  }

  /**
   * A grid without an anchor.
   *
   * @param header the track's; borrowed
   * @return null of a codec whose frames are of unknown length
   */
  public static @Nullable AudioGrid of(FlvTag header) {
    AudioFrames frames = AudioFrames.of(header);
    return frames == null ? null : new AudioGrid(frames);
  }

  /** Ticks a second of the track's clock. */
  public int rate() {
    return frames.rate();
  }

  /** Ticks that a frame lasts. Borrows it. */
  public int samples(FlvTag frame) {
    return frames.samples(frame);
  }

  /**
   * Sets where the next frame lies: {@link SegmentMark#audioAnchor}; {@link SegmentMark#NO_AUDIO}
   * leaves it to the frame's own time.
   */
  public void anchor(long samples) {
    next = samples;
  }

  /** Where the next frame lies unless there is a gap before it; {@link SegmentMark#NO_AUDIO}. */
  public long next() {
    return next;
  }

  /**
   * Where a frame lies, and moves on behind it. Borrows it.
   *
   * @param frame with stream time
   */
  public long place(FlvTag frame) {
    long own = ticks(frame.timestampMs());
    boolean gap = next < 0 || own - next >= AHEAD_MS * rate() / SECOND_MS;
    long place = gap ? own : next;
    next = place + samples(frame);
    return place;
  }

  /** A stream time in ticks, rounded. */
  public long ticks(long timeMs) {
    return Math.floorDiv(timeMs * rate() + SECOND_MS / 2, SECOND_MS);
  }
}
