package dev.sluice.media.fmp4;

import dev.sluice.media.flv.AudioFrames;
import dev.sluice.media.flv.DecoderConfig;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.MediaPayload;
import dev.sluice.media.flv.MediaPayload.Codec;
import org.jspecify.annotations.Nullable;

/**
 * A track of a file: which tags are its frames, and its timescale.
 *
 * <p>Pure; immutable.
 *
 * @param id number of the track in the file
 * @param codec as its tags name it
 * @param flvTrack number of the track in its tags
 * @param timescale units a second
 * @param config what the decoder needs
 * @param frames counts samples; null for video
 */
record Mp4Track(
    int id,
    Codec codec,
    int flvTrack,
    int timescale,
    DecoderConfig config,
    @Nullable AudioFrames frames) {
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
    MediaPayload said = MediaPayload.of(header);
    DecoderConfig config = DecoderConfig.of(header);
    return said == null || config == null
        ? null
        : new Mp4Track(VIDEO_ID, said.codec(), said.track(), VIDEO_TIMESCALE, config, null);
  }

  /** The track of this header; null when there is none that MP4 can carry. Borrows it. */
  static @Nullable Mp4Track audio(@Nullable FlvTag header) {
    if (header == null || !header.audio()) {
      return null;
    }
    MediaPayload said = MediaPayload.of(header);
    DecoderConfig config = DecoderConfig.of(header);
    AudioFrames frames = AudioFrames.of(header);
    return said == null || config == null || frames == null
        ? null
        : new Mp4Track(AUDIO_ID, said.codec(), said.track(), frames.rate(), config, frames);
  }

  /** What a tag holds of this track; null when it is none of its frames. Borrows it. */
  @Nullable MediaPayload frame(FlvTag tag) {
    if (tag.script() || tag.sequenceHeader() || tag.track() != flvTrack) {
      return null;
    }
    MediaPayload said = MediaPayload.of(tag);
    return said == null || said.header() || said.codec() != codec ? null : said;
  }
}
