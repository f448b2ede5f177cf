package dev.sluice.media.hls.live;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.segment.SegmentMark;
import dev.sluice.media.ts.TsSegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tracks of which parts are made: those whose sequence headers a mark names.
 *
 * @param video header of the picture track; null without pictures
 * @param audio header of the sound track; null without sound
 */
record MuxedTracks(@Nullable FlvTag video, @Nullable FlvTag audio) {
  static final MuxedTracks UNKNOWN = new MuxedTracks(null, null);

  /**
   * Those of the headers in force that have a configuration's name; unknown ones if none have.
   *
   * @param soundHeader what stands in for the header of sound that has none; null while unknown
   */
  static MuxedTracks of(long config, SequenceHeaders headers, @Nullable FlvTag soundHeader) {
    List<@Nullable FlvTag> videos = candidates(headers, TagType.VIDEO);
    List<@Nullable FlvTag> audios = candidates(headers, TagType.AUDIO);
    if (soundHeader != null) {
      audios.add(soundHeader);
    }
    for (FlvTag video : videos) {
      for (FlvTag audio : audios) {
        if (config == configOf(video, audio)) {
          return new MuxedTracks(video, audio);
        }
      }
    }
    return UNKNOWN;
  }

  private static List<@Nullable FlvTag> candidates(SequenceHeaders headers, TagType type) {
    List<@Nullable FlvTag> found = new ArrayList<>();
    for (FlvTag header : headers.of(type)) {
      if (header.sequenceHeader()) {
        found.add(header);
      }
    }
    found.add(null);
    return found;
  }

  private static long configOf(@Nullable FlvTag video, @Nullable FlvTag audio) {
    List<FlvTag> headers = new ArrayList<>(2);
    if (video != null) {
      headers.add(video);
    }
    if (audio != null) {
      headers.add(audio);
    }
    return headers.isEmpty() ? 0 : SegmentMark.configOf(headers);
  }

  boolean isKnown() {
    return video != null || audio != null;
  }

  /** Why they cannot be had in MPEG-TS, as a sentence; null when they can. */
  @Nullable String tsRefusal() {
    return TsSegment.refusal(video, audio);
  }

  /** Whether a media tag is of these. */
  boolean has(FlvTag tag) {
    FlvTag header = tag.video() ? video : tag.audio() ? audio : null;
    return header != null && header.track() == tag.track();
  }
}
