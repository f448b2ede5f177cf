package dev.sluice.media.live;

import dev.sluice.media.flv.FlvTag;
import java.util.Locale;

/**
 * Sees whether a publisher sends pictures of which nothing can be shown to who joins, and says why
 * once that has gone on for {@value #PATIENCE_MS} ms.
 *
 * <p>Pure; confined to the owner of its stream.
 */
final class PictureWatch {
  /** Why nothing can be shown, with a sentence for who has to mend it. */
  enum Trouble {
    /** All is well, or there is no picture. */
    NONE(""),
    /** The codec needs a sequence header before its pictures. */
    NO_SEQUENCE_HEADER(
        "Pictures come without the sequence header that decoders need first, so nobody can be shown"
            + " any; restart the encoder, so that it sends the header when it begins to publish."),
    /** The sequence header ends before it has said how to decode. */
    BROKEN_SEQUENCE_HEADER(
        "The sequence header of the picture is cut short, so no decoder can show any; restart the"
            + " encoder, or set it to H.264 without options of its own."),
    /** There was no picture at which decoding can start. */
    NO_KEYFRAME(
        "Pictures come, but no keyframe among them, so nobody can be shown any; have the encoder"
            + " send a keyframe each 2 seconds."),
    /** The last keyframe is too old to be kept. */
    KEYFRAMES_TOO_RARE(
        "The last keyframe is older than what is kept for who joins (live.timelineSpan and"
            + " live.timelineBytes), so they are shown nothing before the next; have the encoder"
            + " send a keyframe each 2 seconds.");

    private final String sentence;

    Trouble(String sentence) {
      this.sentence = sentence;
    }

    /** For operators and for the encoder; empty when there is nothing to say. */
    String sentence() {
      return sentence;
    }

    /** Lower case, for logs and JSON; empty when there is none. */
    String word() {
      return this == NONE ? "" : name().toLowerCase(Locale.ROOT);
    }
  }

  static final long PATIENCE_MS = 5_000;

  private boolean headerSeen;
  private boolean headerWhole;
  private boolean keyframeSeen;
  private boolean unwell;
  private long sinceNanos;
  private volatile Trouble trouble = Trouble.NONE;

  /** What is wrong now. Any thread. */
  Trouble trouble() {
    return trouble;
  }

  /** Another publisher's pictures follow. */
  void anotherPublisher() {
    headerSeen = false;
    keyframeSeen = false;
    well();
  }

  /**
   * A sequence header of video came.
   *
   * @param whole whether it says all that its form wants
   */
  void header(boolean whole) {
    headerSeen = true;
    headerWhole = whole;
  }

  /**
   * A picture came. Borrows it.
   *
   * @param joinable whether who joins now could be shown something, before this picture
   * @return whether there is trouble to be told of that was not known before
   */
  boolean picture(FlvTag tag, boolean joinable, long nowNanos) {
    keyframeSeen |= tag.keyframe();
    Trouble now = Trouble.NONE;
    if (tag.needsSequenceHeader() && !headerSeen) {
      now = Trouble.NO_SEQUENCE_HEADER;
    } else if (tag.needsSequenceHeader() && !headerWhole) {
      now = Trouble.BROKEN_SEQUENCE_HEADER;
    } else if (!keyframeSeen) {
      now = Trouble.NO_KEYFRAME;
    } else if (!joinable && !tag.keyframe()) {
      now = Trouble.KEYFRAMES_TOO_RARE;
    }
    if (now == Trouble.NONE) {
      well();
      return false;
    }
    if (!unwell) {
      unwell = true;
      sinceNanos = nowNanos;
    }
    boolean lasts = nowNanos - sinceNanos >= PATIENCE_MS * 1_000_000;
    if (!lasts || now == trouble) {
      return false;
    }
    trouble = now;
    return true;
  }

  private void well() {
    unwell = false;
    if (trouble != Trouble.NONE) {
      trouble = Trouble.NONE;
    }
  }
}
