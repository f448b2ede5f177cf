package dev.sluice.media.hls.live;

import dev.sluice.media.flv.CodecInfo;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.flv.TagType;
import org.jspecify.annotations.Nullable;

/**
 * Finds out that a stream has nothing that can be put into HLS: media of codecs that cannot be
 * carried comes for {@value #PATIENCE_MS} ms of its time, and no mark.
 *
 * <p>Threading: confined to the stream's loop.
 */
final class UncarriedTracks {
  private static final long PATIENCE_MS = 2_000;

  private final HlsMuxer muxer;
  private long sinceMs = -1;
  private boolean pictures;
  private boolean sounds;
  private @Nullable String picture;
  private @Nullable String sound;

  UncarriedTracks(HlsMuxer muxer) {
    this.muxer = muxer;
  }

  /** A mark came, or the stream begins. */
  void forget() {
    sinceMs = -1;
    pictures = false;
    sounds = false;
    picture = null;
    sound = null;
  }

  /**
   * Media came that no mark was before.
   *
   * @param headers in force
   * @return why there is no HLS of the stream, as a sentence; null while that is not known
   */
  @Nullable String saw(FlvTag tag, SequenceHeaders headers) {
    if (sinceMs < 0) {
      sinceMs = tag.timestampMs();
    }
    if (tag.video()) {
      pictures = true;
      picture = picture == null ? why(tag, headers) : picture;
    } else {
      sounds = true;
      sound = sound == null ? why(tag, headers) : sound;
    }
    boolean late = tag.timestampMs() - sinceMs >= PATIENCE_MS;
    boolean all = (!pictures || picture != null) && (!sounds || sound != null);
    return late && all ? of(picture, sound) : null;
  }

  private @Nullable String why(FlvTag tag, SequenceHeaders headers) {
    for (FlvTag header : headers.of(tag.video() ? TagType.VIDEO : TagType.AUDIO)) {
      if (header.sequenceHeader()) {
        return muxer.refusal(header);
      }
    }
    return CodecInfo.of(tag) == null ? null : muxer.refusal(tag);
  }

  /** Why tracks that marks name have nothing that can be carried; null when they have. */
  static @Nullable String of(MuxedTracks tracks, HlsMuxer muxer) {
    FlvTag video = tracks.video();
    FlvTag audio = tracks.audio();
    String picture = video == null ? null : muxer.refusal(video);
    String sound = audio == null ? null : muxer.refusal(audio);
    boolean all = (video == null || picture != null) && (audio == null || sound != null);
    return all ? of(picture, sound) : null;
  }

  private static @Nullable String of(@Nullable String picture, @Nullable String sound) {
    return picture == null || sound == null
        ? (picture == null ? sound : picture)
        : picture + " " + sound;
  }

  /** The whole answer: what it is, and what to do. */
  static String advice(String why, String name) {
    return why
        + " Watch it at /live/"
        + name
        + ".flv or over RTMP, or have the encoder send a codec that is expected.";
  }
}
