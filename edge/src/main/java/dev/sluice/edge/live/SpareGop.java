package dev.sluice.edge.live;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What is needed to go on with another source, or at another server: the newest headers of each
 * kind and the media since the last keyframe, or somewhat more, or the newest audio when there is
 * no video. Bounded in bytes: over the bound whole GOPs go, and a keyframe is waited for.
 *
 * <p>Threading: confined to the event loop of its stream.
 */
final class SpareGop {
  private static final long AUDIO_MS = 1000;

  /** Without a keyframe to begin with, video that has not come for so long is not waited for. */
  private static final long VIDEO_GONE_MS = 5_000;

  private static final byte[] METADATA = "\2\0\nonMetaData".getBytes(StandardCharsets.ISO_8859_1);

  private final long maxBytes;
  private final Map<TagType, FlvTag> headers = new EnumMap<>(TagType.class);
  private final ArrayDeque<FlvTag> media = new ArrayDeque<>();
  private final ArrayDeque<Gop> gops = new ArrayDeque<>();
  private final long keepNanos;
  private long bytes;
  private boolean video;
  private long videoMs;

  private static final class Gop {
    final long cameNanos;
    int tags;

    Gop(long cameNanos) {
      this.cameNanos = cameNanos;
    }
  }

  /**
   * Holds nothing.
   *
   * @param keepNanos for how long whole GOPs before the current one are kept
   */
  SpareGop(long maxBytes, long keepNanos) {
    this.maxBytes = maxBytes;
    this.keepNanos = keepNanos;
  }

  /** Adds a tag. Borrows it. */
  void add(FlvTag tag, long nowNanos) {
    if (tag.script() && !metadata(tag)) {
      return;
    }
    if (tag.sequenceHeader() || tag.script()) {
      FlvTag before = headers.put(tag.type(), tag.retain());
      if (before != null) {
        before.release();
      }
      return;
    }
    if (tag.video() && !video) {
      clearMedia(); // sounds before the first picture
      video = true;
    }
    if (tag.video()) {
      videoMs = tag.timestampMs();
    } else if (gops.isEmpty() && tag.timestampMs() - videoMs > VIDEO_GONE_MS) {
      video = false;
    }
    if (tag.keyframe()) {
      gops.add(new Gop(nowNanos));
      dropOld(nowNanos);
    }
    Gop gop = gops.peekLast();
    if (video && gop == null) {
      return; // the next keyframe is waited for
    }
    if (gop != null) {
      gop.tags++;
    }
    media.add(tag.retain());
    bytes += tag.payloadBytes();
    while (!media.isEmpty() && bytes > maxBytes) {
      dropFirst();
    }
    while (!video && tag.timestampMs() - media.getFirst().timestampMs() > AUDIO_MS) {
      drop(media.removeFirst());
    }
  }

  /** Forgets GOPs that ended too long ago. */
  private void dropOld(long nowNanos) {
    while (gops.size() > 1) {
      Gop first = gops.removeFirst();
      Gop second = gops.getFirst();
      gops.addFirst(first);
      if (nowNanos - second.cameNanos < keepNanos) {
        return;
      }
      dropFirst();
    }
  }

  private void dropFirst() {
    Gop gop = gops.pollFirst();
    int tags = gop == null ? 1 : gop.tags;
    for (int i = 0; i < tags; i++) {
      drop(media.removeFirst());
    }
  }

  private static boolean metadata(FlvTag script) {
    int start = script.payload().readerIndex();
    return script.payloadBytes() > METADATA.length
        && Arrays.equals(ByteBufUtil.getBytes(script.payload(), start, METADATA.length), METADATA);
  }

  /** Whether one can go on from what is held. */
  boolean usable() {
    return !media.isEmpty();
  }

  /** Bytes of media held. */
  long bytes() {
    return bytes;
  }

  /**
   * Shows the tags, headers first.
   *
   * @param all whether those before the current GOP are shown too
   */
  void forEach(boolean all, Consumer<FlvTag> to) {
    headers.values().forEach(to);
    Gop last = gops.peekLast();
    int skip = all || last == null ? 0 : media.size() - last.tags;
    media.stream().skip(skip).forEach(to);
  }

  /** Lets go of everything. */
  void clear() {
    headers.values().forEach(FlvTag::release);
    headers.clear();
    clearMedia();
  }

  private void clearMedia() {
    media.forEach(FlvTag::release);
    media.clear();
    gops.clear();
    bytes = 0;
  }

  private void drop(FlvTag tag) {
    bytes -= tag.payloadBytes();
    tag.release();
  }
}
