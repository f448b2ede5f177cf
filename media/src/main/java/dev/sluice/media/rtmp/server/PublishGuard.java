package dev.sluice.media.rtmp.server;

import dev.sluice.media.access.PublishLimits;
import dev.sluice.media.amf.AmfException;
import dev.sluice.media.amf.AmfLimits;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.flv.CodecInfo;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.ScriptData;
import dev.sluice.media.rtmp.server.PublishBreach.Limit;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Holds a publisher to its limits.
 *
 * <p>Codec and picture size are known from the sequence header, so one that must not be is stopped
 * before a viewer sees any of it; where the header does not tell the size (AV1, VP9), the metadata
 * does. Rates are measured over {@value #WINDOW_MS} ms: the bit rate as it arrives, the frame rate
 * by the frames' own times. An encoder that catches up after its line was down exceeds the bit rate
 * for a moment, so {@value #WARNINGS} windows in a row over a limit are warnings and the next ends
 * it.
 *
 * <p>Threading: confined to the publisher's event loop. Pure.
 */
final class PublishGuard {
  static final long WINDOW_MS = 5000;
  static final int WARNINGS = 2;
  private static final long WINDOW_NANOS = WINDOW_MS * 1_000_000;

  /** Containers round frame times to milliseconds, and encoders their rate. */
  private static final double TOLERANCE = 1.05;

  private final PublishLimits limits;
  private int toldWidth;
  private int toldHeight;
  private long windowStart;
  private boolean windowOpen;
  private long windowBytes;
  private int bitrateWarnings;
  private long framesFromMs = -1;
  private int frames;
  private int frameWarnings;

  PublishGuard(PublishLimits limits) {
    this.limits = limits;
  }

  /** Looks at the next tag. Borrows it. Null = all is well. */
  @Nullable PublishBreach see(FlvTag tag, long nowNanos) {
    PublishBreach rate = bitrate(tag, nowNanos);
    if (rate != null && rate.fatal()) {
      return rate;
    }
    PublishBreach other =
        switch (tag.type()) {
          case SCRIPT -> metadata(tag);
          case AUDIO -> tag.payloadBytes() == 0 ? null : codec(CodecInfo.of(tag));
          case VIDEO -> video(tag);
        };
    return other == null ? rate : other;
  }

  private @Nullable PublishBreach bitrate(FlvTag tag, long nowNanos) {
    if (limits.bitsPerSecond() == 0) {
      return null;
    }
    if (!windowOpen) {
      windowOpen = true;
      windowStart = nowNanos;
    }
    long passed = nowNanos - windowStart;
    PublishBreach breach = null;
    if (passed >= WINDOW_NANOS) {
      double rate = windowBytes * 8e9 / passed;
      if (rate > limits.bitsPerSecond()) {
        breach =
            new PublishBreach(
                Limit.BITRATE,
                bitrateWarnings == WARNINGS,
                String.format(
                    Locale.ROOT,
                    "%.0f kbit/s arrive where %d are allowed; lower the encoder's bit rate",
                    rate / 1000,
                    limits.bitsPerSecond() / 1000));
      }
      bitrateWarnings = breach == null ? 0 : bitrateWarnings + 1;
      windowStart = nowNanos;
      windowBytes = 0;
    }
    windowBytes += tag.payloadBytes();
    return breach;
  }

  private @Nullable PublishBreach video(FlvTag tag) {
    if (tag.payloadBytes() == 0) {
      return null;
    }
    CodecInfo info = CodecInfo.of(tag);
    PublishBreach breach = codec(info);
    if (breach == null && info != null) {
      int width = info.width() == 0 ? toldWidth : info.width();
      breach = resolution(width, info.height() == 0 ? toldHeight : info.height());
    }
    return breach == null && !tag.sequenceHeader() ? frame(tag.timestampMs()) : breach;
  }

  private @Nullable PublishBreach codec(@Nullable CodecInfo info) {
    if (info == null || limits.codecs().isEmpty() || limits.codecs().contains(info.codec())) {
      return null;
    }
    return new PublishBreach(
        Limit.CODEC,
        true,
        "the codec "
            + info.codec()
            + " is not allowed here; use one of "
            + String.join(", ", new TreeSet<>(limits.codecs())));
  }

  private @Nullable PublishBreach resolution(int width, int height) {
    boolean wide = limits.width() > 0 && width > limits.width();
    boolean tall = limits.height() > 0 && height > limits.height();
    if (!wide && !tall) {
      return null;
    }
    String most =
        (limits.width() == 0 ? "any" : limits.width())
            + "x"
            + (limits.height() == 0 ? "any" : limits.height());
    return new PublishBreach(
        Limit.RESOLUTION,
        true,
        "the picture is " + width + "x" + height + " where at most " + most + " is allowed");
  }

  private @Nullable PublishBreach frame(long timestampMs) {
    if (limits.framesPerSecond() == 0) {
      return null;
    }
    long span = timestampMs - framesFromMs;
    if (framesFromMs < 0 || span < 0 || span > 2 * WINDOW_MS) {
      framesFromMs = timestampMs; // the first, or its time jumped
      frames = 0;
      span = 0;
    }
    PublishBreach breach = null;
    if (span >= WINDOW_MS) {
      double rate = frames * 1000.0 / span;
      breach = frameRate(rate, frameWarnings == WARNINGS);
      frameWarnings = breach == null ? 0 : frameWarnings + 1;
      framesFromMs = timestampMs;
      frames = 0;
    }
    frames++;
    return breach;
  }

  private @Nullable PublishBreach frameRate(double rate, boolean fatal) {
    if (limits.framesPerSecond() == 0 || rate <= limits.framesPerSecond() * TOLERANCE) {
      return null;
    }
    return new PublishBreach(
        Limit.FRAME_RATE,
        fatal,
        String.format(
            Locale.ROOT,
            "%.1f frames per second where %.4g are allowed; lower the encoder's frame rate",
            rate,
            limits.framesPerSecond()));
  }

  private @Nullable PublishBreach metadata(FlvTag tag) {
    Map<String, AmfValue> told;
    try {
      ScriptData script = ScriptData.decode(tag.payload(), AmfLimits.DEFAULT);
      told = script == null ? Map.of() : script.properties();
    } catch (AmfException e) {
      return null; // what cannot be read tells nothing
    }
    toldWidth = (int) number(told, "width");
    toldHeight = (int) number(told, "height");
    return frameRate(number(told, "framerate"), true);
  }

  private static double number(Map<String, AmfValue> properties, String key) {
    AmfValue value = properties.get(key);
    return value == null ? 0 : value.asNumber(0);
  }
}
