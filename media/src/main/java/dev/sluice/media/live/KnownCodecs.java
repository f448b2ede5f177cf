package dev.sluice.media.live;

import dev.sluice.media.flv.CodecInfo;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.PictureSize;
import dev.sluice.media.live.timeline.Tracks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which codecs a stream's tags are in, how large the picture is, and whether a codec has changed.
 *
 * <p>Threading: written by the stream's event loop; {@link #snapshot} by any thread, each field
 * being volatile on its own.
 */
final class KnownCodecs {
  private static final Pattern IN_MP4 =
      Pattern.compile("(avc1|hvc1|av01|mp4a)\\.[A-Za-z0-9.]+|opus");

  private volatile @Nullable CodecInfo video;
  private volatile @Nullable CodecInfo audio;

  /** The size that metadata told, for codecs whose headers do not tell it. */
  private volatile PictureSize told = PictureSize.UNKNOWN;

  private int audioForm;
  private int videoForm;
  private boolean changed;

  /** Sees a tag with sound. Borrows it. */
  void audio(FlvTag tag) {
    if (audio == null || (tells(tag, audioForm) && tag.track() == 0)) {
      audio = read(audio, tag);
      audioForm = form(tag);
    }
  }

  /**
   * Sees a tag with a picture. Borrows it.
   *
   * @param leads whether it is of the track by which viewers join
   */
  void video(FlvTag tag, boolean leads) {
    if (video == null || (tells(tag, videoForm) && leads)) {
      video = read(video, tag);
      videoForm = form(tag);
    }
  }

  /** Metadata told how large the picture is, or nothing of it. */
  void told(PictureSize size) {
    told = size.known() ? size : told;
  }

  /** What metadata told was of another publisher. */
  void anotherPublisher() {
    told = PictureSize.UNKNOWN;
  }

  /** What a tag tells of its codec; what was known before when it tells nothing. */
  private @Nullable CodecInfo read(@Nullable CodecInfo before, FlvTag tag) {
    CodecInfo now = CodecInfo.of(tag);
    if (now == null) {
      return before;
    }
    changed |= before != null && !before.codec().equals(now.codec());
    return now;
  }

  /** A codec without sequence headers shows itself by the first bits of its tags. */
  private static boolean tells(FlvTag tag, int formBefore) {
    return tag.sequenceHeader() || ((tag.audio() || tag.keyframe()) && form(tag) != formBefore);
  }

  /** The bits that name the codec, or that it is named elsewhere. */
  private static int form(FlvTag tag) {
    if (tag.payloadBytes() == 0) {
      return 0;
    }
    int first = tag.payload().getUnsignedByte(tag.payload().readerIndex());
    return tag.audio() ? first >> 4 : first >= 0x80 ? 0x80 : first & 0x0F;
  }

  /** Whether a codec has changed since this was asked with {@code here} true. */
  boolean changedFrom(boolean here) {
    boolean from = changed && here;
    changed &= !from;
    return from;
  }

  /** What is known now of the tracks that flow. */
  Snapshot snapshot(Tracks flowing) {
    CodecInfo picture = flowing.video() ? video : null;
    CodecInfo sound = flowing.audio() ? audio : null;
    PictureSize size = PictureSize.UNKNOWN;
    if (picture != null) {
      boolean inHeader = picture.width() > 0;
      size = inHeader ? new PictureSize(picture.width(), picture.height()) : told;
    }
    return new Snapshot(
        picture == null ? "" : picture.codec(),
        sound == null ? "" : sound.codec(),
        size,
        names(picture, sound));
  }

  private static String names(@Nullable CodecInfo picture, @Nullable CodecInfo sound) {
    List<String> names = new ArrayList<>(2);
    for (CodecInfo each : Arrays.asList(picture, sound)) {
      if (each != null) {
        if (!IN_MP4.matcher(each.rfc6381()).matches()) {
          return "";
        }
        names.add(each.rfc6381());
      }
    }
    return String.join(",", names);
  }

  /**
   * What is known at one moment.
   *
   * @param video such as {@code avc}; empty when there is no video
   * @param audio such as {@code aac}; empty when there is no audio
   * @param size of the picture
   * @param names of both as RFC 6381 has them, parted by a comma; empty unless all that flow have
   *     one that says the profile, and can travel in MP4
   */
  record Snapshot(String video, String audio, PictureSize size, String names) {}
}
