package dev.sluice.media.live;

import dev.sluice.media.amf.AmfException;
import dev.sluice.media.amf.AmfLimits;
import dev.sluice.media.amf.AmfValue;
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
 * <p>Threading: written by the stream's event loop; {@link #tracks} and {@link #snapshot} by any
 * thread, which may see two numbers a tag apart.
 */
final class IngestStats {
  private final IngestRates rates = new IngestRates();
  private final KnownCodecs codecs = new KnownCodecs();
  private final PictureTrack pictureTrack = new PictureTrack();
  private final TrackWatch watch = new TrackWatch();
  private boolean headerSeen;

  /** What the watch says, for readers on other threads. */
  private volatile Tracks tracks = Tracks.NONE;

  /**
   * Sees a tag with the stream's time. Borrows it.
   *
   * @return whether its track is back with it after it was gone
   */
  boolean see(FlvTag tag, long nowNanos) {
    rates.received(tag.payloadBytes(), nowNanos);
    switch (tag.type()) {
      case SCRIPT -> {
        return false;
      }
      case AUDIO -> codecs.audio(tag);
      case VIDEO -> {
        pictureTrack.see(tag);
        boolean leads = pictureTrack.has(tag);
        codecs.video(tag, leads);
        if (leads && !tag.sequenceHeader() && !tag.description()) {
          rates.frame(tag);
        }
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

  /**
   * Whether viewers who start now, at the tag that was seen last, get another codec than those who
   * started before the change: at a keyframe, or anywhere in a stream without a picture. Says so
   * once. Loop only.
   */
  boolean newCodecFrom(boolean keyframe) {
    return codecs.changedFrom(keyframe || !tracks.video());
  }

  /** The track by whose keyframes viewers join. Loop only. */
  PictureTrack pictureTrack() {
    return pictureTrack;
  }

  /** Another publisher has tracks of its own, and may number them in another way. Loop only. */
  void anotherPublisher() {
    pictureTrack.forget();
    codecs.anotherPublisher();
    rates.anotherPublisher();
    headerSeen = false;
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
      codecs.told(PictureSize.of(script));
      watch.told(
          names(properties, "hasAudio", "audiocodecid"),
          names(properties, "hasVideo", "videocodecid"));
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
    return new Snapshot(codecs.snapshot(tracks), rates.snapshot(nowNanos));
  }

  /** The part of {@link StreamStats} that the tags tell. */
  record Snapshot(KnownCodecs.Snapshot codecs, IngestRates.Snapshot rates) {}

  /** Whether metadata names a track, by a flag or by its codec. */
  private static boolean names(Map<String, AmfValue> properties, String flag, String codec) {
    AmfValue has = properties.get(flag);
    return has == null ? properties.containsKey(codec) : has.asBoolean(false);
  }
}
