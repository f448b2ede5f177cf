package dev.sluice.media.live;

import dev.sluice.media.amf.AmfException;
import dev.sluice.media.amf.AmfLimits;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.flv.CodecInfo;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.PictureSize;
import dev.sluice.media.flv.PictureTrack;
import dev.sluice.media.flv.ScriptData;
import dev.sluice.media.live.timeline.Tracks;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a stream from its tags: tracks, codecs, rates.
 *
 * <p>Threading: written by the stream's event loop, read by any thread; each field is volatile on
 * its own, a reader may see two of them a tag apart.
 */
final class IngestStats {
  private static final long WINDOW_NANOS = 1_000_000_000;
  private static final long STALE_NANOS = 5 * WINDOW_NANOS;

  private volatile Tracks tracks = Tracks.NONE;
  private volatile @Nullable CodecInfo video;
  private volatile @Nullable CodecInfo audio;
  private volatile PictureSize told = PictureSize.UNKNOWN;
  private volatile long bitsPerSecond;
  private volatile double framesPerSecond;
  private volatile long gopMs;
  private volatile long windowStart;
  private volatile long bytesReceived;

  private final PictureTrack pictureTrack = new PictureTrack();
  private final TrackWatch watch = new TrackWatch();
  private boolean headerSeen;
  private boolean codecChanged;
  private int audioForm;
  private int videoForm;
  private long bytes;
  private long windowBytes;
  private int windowFrames;
  private long keyframeMs = Long.MIN_VALUE;

  /**
   * Sees a tag with the stream's time. Borrows it.
   *
   * @return whether its track is back with it after it was gone
   */
  boolean see(FlvTag tag, long nowNanos) {
    bytes += tag.payloadBytes();
    bytesReceived = bytes;
    windowBytes += tag.payloadBytes();
    roll(nowNanos);
    switch (tag.type()) {
      case SCRIPT -> {
        return false;
      }
      case AUDIO -> {
        if (audio == null || (tells(tag, audioForm) && tag.track() == 0)) {
          audio = told(audio, tag);
          audioForm = form(tag);
        }
      }
      case VIDEO -> {
        pictureTrack.see(tag);
        if (video == null || (tells(tag, videoForm) && pictureTrack.has(tag))) {
          video = told(video, tag);
          videoForm = form(tag);
        }
        frame(tag);
      }
    }
    return track(tag, nowNanos);
  }

  private boolean track(FlvTag tag, long nowNanos) {
    boolean back = false;
    if (tag.sequenceHeader() || tag.description()) {
      headerSeen |= tag.video() && tag.sequenceHeader();
      watch.header(tag.video(), tag.timestampMs(), nowNanos);
    } else if (headerSeen || !tag.needsSequenceHeader()) {
      back = watch.media(tag.video(), tag.audio() || tag.keyframe(), tag.timestampMs(), nowNanos);
    }
    publish();
    return back;
  }

  private void publish() {
    if (!watch.agreesWith(tracks)) {
      tracks = watch.tracks();
    }
  }

  /** What a tag tells of its codec; what was known before when it tells nothing. */
  private @Nullable CodecInfo told(@Nullable CodecInfo before, FlvTag tag) {
    CodecInfo now = CodecInfo.of(tag);
    if (now == null) {
      return before;
    }
    codecChanged |= before != null && !before.codec().equals(now.codec());
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

  /**
   * Whether viewers who start now, at the tag that was seen last, get another codec than those who
   * started before the change: at a keyframe, or anywhere in a stream without a picture. Says so
   * once. Loop only.
   */
  boolean newCodecFrom(boolean keyframe) {
    boolean from = codecChanged && (keyframe || !tracks.video());
    codecChanged &= !from;
    return from;
  }

  /** The track by whose keyframes viewers join. Loop only. */
  PictureTrack pictureTrack() {
    return pictureTrack;
  }

  /** Another publisher has tracks of its own, and may number them in another way. Loop only. */
  void anotherPublisher() {
    pictureTrack.forget();
    told = PictureSize.UNKNOWN;
    headerSeen = false;
    keyframeMs = Long.MIN_VALUE;
    gopMs = 0;
    watch.anotherPublisher();
    publish();
  }

  /**
   * Reads metadata: which tracks to expect.
   *
   * @return the body as viewers should get it, or null when it cannot be read
   */
  @Nullable ScriptData metadata(FlvTag tag) {
    try {
      ScriptData script = ScriptData.decode(tag.payload(), AmfLimits.DEFAULT);
      if (script == null) {
        return null;
      }
      Map<String, AmfValue> properties = script.properties();
      PictureSize size = PictureSize.of(script);
      told = size.known() ? size : told;
      watch.told(
          told(properties, "hasAudio", "audiocodecid"),
          told(properties, "hasVideo", "videocodecid"));
      publish();
      return script.forLive();
    } catch (AmfException e) {
      return null; // viewers get it as it came
    }
  }

  /** No further track is waited for. */
  void settle() {
    watch.settle();
    publish();
  }

  Tracks tracks() {
    return tracks;
  }

  /** What is known now. */
  Snapshot snapshot(long nowNanos) {
    Tracks now = tracks;
    CodecInfo picture = now.video() ? video : null;
    CodecInfo sound = now.audio() ? audio : null;
    PictureSize size =
        picture != null && picture.width() > 0
            ? new PictureSize(picture.width(), picture.height())
            : told;
    boolean stale = nowNanos - windowStart > STALE_NANOS;
    return new Snapshot(
        picture == null ? "" : picture.codec(),
        sound == null ? "" : sound.codec(),
        picture == null ? 0 : size.width(),
        picture == null ? 0 : size.height(),
        stale ? 0 : bitsPerSecond,
        stale ? 0 : framesPerSecond,
        gopMs,
        bytesReceived);
  }

  /** The part of {@link StreamStats} that the tags tell. */
  record Snapshot(
      String videoCodec,
      String audioCodec,
      int width,
      int height,
      long bitsPerSecond,
      double framesPerSecond,
      long gopMs,
      long bytesReceived) {}

  private void frame(FlvTag tag) {
    if (tag.sequenceHeader() || tag.description() || !pictureTrack.has(tag)) {
      return;
    }
    windowFrames++;
    if (tag.keyframe()) {
      if (keyframeMs != Long.MIN_VALUE) {
        gopMs = Math.max(0, tag.timestampMs() - keyframeMs);
      }
      keyframeMs = tag.timestampMs();
    }
  }

  private void roll(long nowNanos) {
    if (windowStart == 0) {
      windowStart = nowNanos;
      return;
    }
    long passed = nowNanos - windowStart;
    if (passed >= WINDOW_NANOS) {
      bitsPerSecond = (long) (windowBytes * 8e9 / passed);
      framesPerSecond = Math.round(windowFrames * 1e11 / passed) / 100.0;
      windowBytes = 0;
      windowFrames = 0;
      windowStart = nowNanos;
    }
  }

  private static boolean told(Map<String, AmfValue> properties, String flag, String codec) {
    AmfValue has = properties.get(flag);
    return has == null ? properties.containsKey(codec) : has.asBoolean(false);
  }
}
