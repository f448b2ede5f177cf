package dev.sluice.media.fmp4;

import dev.sluice.media.flv.AudioFrames;
import dev.sluice.media.flv.DecoderConfig;
import dev.sluice.media.flv.FlvTag;
import org.jspecify.annotations.Nullable;

/**
 * A track of a file.
 *
 * <p>Pure; immutable.
 *
 * @param id number of the track in the file
 * @param timescale units a second
 * @param config what the decoder needs, and which tags are frames
 * @param frames counts samples; null for video
 */
record Mp4Track(int id, int timescale, DecoderConfig config, @Nullable AudioFrames frames) {
  /** Number of the picture track. */
  static final int VIDEO_ID = 1;

  /** Number of the sound track, whether or not there are pictures. */
  static final int AUDIO_ID = 2;

  /** Units a second of pictures: milliseconds are whole units, and those of MPEG-TS. */
  static final int VIDEO_TIMESCALE = 90_000;

  /** Units of a millisecond. */
  static final int VIDEO_UNITS_PER_MS = VIDEO_TIMESCALE / 1000;

  /** The track of this header; null when there is none that MP4 can carry. Borrows it. */
  static @Nullable Mp4Track video(@Nullable FlvTag header) {
    if (header == null || !header.video()) {
      return null;
    }
    DecoderConfig config = DecoderConfig.of(header);
    return config == null ? null : new Mp4Track(VIDEO_ID, VIDEO_TIMESCALE, config, null);
  }

  /** The track of this header; null when there is none that MP4 can carry. Borrows it. */
  static @Nullable Mp4Track audio(@Nullable FlvTag header) {
    if (header == null || !header.audio()) {
      return null;
    }
    DecoderConfig config = DecoderConfig.of(header);
    AudioFrames frames = AudioFrames.of(header);
    return config == null || frames == null
        ? null
        : new Mp4Track(AUDIO_ID, frames.rate(), config, frames);
  }
}
