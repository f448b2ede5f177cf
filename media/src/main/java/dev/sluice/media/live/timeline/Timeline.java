package dev.sluice.media.live.timeline;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The tags of a stream in order, each with a 64-bit index, from the start of the current GOP (or
 * the slowest viewer's place, whichever is older) to the newest. Bounded in bytes and in media
 * time: past a bound the oldest tags go, even those of the current GOP; joiners then wait for the
 * next keyframe.
 *
 * <p>When pictures come rarely while sound goes on (a cover, slides), the newest keyframe and the
 * few pictures that follow it are kept beside the ring for as long as they are what the stream
 * shows: who joins gets them first, at the time of the sound that is now.
 *
 * <pre>
 *   first            keyframe (newest)             next
 *     v                  v                           v
 *  ---[ P  a  P  a  P  a  I  a  P  a  P  a  P  a  P  ]
 *     ^ slowest viewer    ^ joiners start here       ^ the next tag's index
 * </pre>
 *
 * <p>Threading: confined to its owner's event loop. Touches no channels, clocks or meters.
 */
public final class Timeline {
  /** No such index. */
  public static final long NONE = -1;

  private static final long AUDIO_BACK_MS = 1_000;
  private static final long VIDEO_GONE_MS = 5_000;
  private static final long LEAST_RATE_MS = 500;

  /** A GOP of no more than a picture in this time has still pictures. */
  private static final long STILL_MS = 1_000;

  private static final long STILL_FROM_MS = 2_000;
  private static final int MAX_STILLS = 300;
  private static final int STILL_SHARE = 4;
  private static final int INITIAL_TAGS = 64;

  private final long maxBytes;
  private final long maxSpanMs;

  private @Nullable FlvTag[] ring = new @Nullable FlvTag[INITIAL_TAGS];
  private long first;
  private long next;
  private long bytes;
  private long newestMs;
  private long newestVideoMs = Long.MIN_VALUE / 2;
  private boolean videoSeen;
  private long keyframe = NONE;
  private long beginning;
  private SequenceHeaders keyframeHeaders = SequenceHeaders.NONE;
  private SequenceHeaders firstHeaders = SequenceHeaders.NONE;
  private SequenceHeaders headers = SequenceHeaders.NONE;
  private Tracks tracks = Tracks.NONE;
  private long keyframeIndex = NONE;
  private long keyframeMs;
  private int pictures;
  private long pictureBytes;
  private boolean still;
  private ArrayDeque<FlvTag> stills = new ArrayDeque<>();
  private long stillBytes;
  private SequenceHeaders shown = SequenceHeaders.NONE;
  private SequenceHeaders shownOf = SequenceHeaders.NONE;

  /** An empty timeline with its bounds. */
  public Timeline(long maxBytes, long maxSpanMs) {
    this.maxBytes = maxBytes;
    this.maxSpanMs = maxSpanMs;
  }

  /**
   * A copy for another event loop with the same indices. Takes a reference on each tag for it.
   *
   * <p>Threading: called on this timeline's loop; the copy is handed over by a loop's queue.
   */
  public Timeline copy() {
    Timeline copy = new Timeline(maxBytes, maxSpanMs);
    copy.ring = ring.clone();
    copy.first = first;
    copy.next = next;
    copy.bytes = bytes;
    copy.newestMs = newestMs;
    copy.newestVideoMs = newestVideoMs;
    copy.videoSeen = videoSeen;
    copy.keyframe = keyframe;
    copy.beginning = beginning;
    copy.keyframeHeaders = keyframeHeaders;
    copy.firstHeaders = firstHeaders;
    copy.headers = headers;
    copy.tracks = tracks;
    copy.keyframeIndex = keyframeIndex;
    copy.keyframeMs = keyframeMs;
    copy.pictures = pictures;
    copy.pictureBytes = pictureBytes;
    copy.still = still;
    copy.stills = new ArrayDeque<>(stills);
    copy.stillBytes = stillBytes;
    for (FlvTag tag : stills) {
      tag.retain();
    }
    for (long i = first; i < next; i++) {
      tag(i).retain();
    }
    return copy;
  }

  /** Adds a tag; headers must be {@link SequenceHeaders#pinned}. Takes ownership. */
  public void append(FlvTag tag) {
    if (next - first == ring.length) {
      grow();
    }
    ring[slot(next)] = tag;
    if (SequenceHeaders.isHeader(tag)) {
      headers = headers.with(tag, next);
    } else if (tag.video()) {
      picture(tag);
    }
    newestMs = Math.max(newestMs, tag.timestampMs());
    bytes += tag.payloadBytes();
    next++;
    long shownMs = newestMs - keyframeMs;
    still |= keyframe != NONE && shownMs >= STILL_FROM_MS && pictures * STILL_MS <= shownMs;
    if (still && (pictures > MAX_STILLS || pictureBytes > maxBytes / STILL_SHARE)) {
      forgetStills();
    }
  }

  private void picture(FlvTag tag) {
    videoSeen = true;
    newestVideoMs = tag.timestampMs();
    if (tag.keyframe()) {
      forgetStills();
      keyframe = next;
      keyframeIndex = next;
      keyframeMs = tag.timestampMs();
      keyframeHeaders = headers;
      pictures = 0;
      pictureBytes = 0;
    }
    pictures++;
    pictureBytes += tag.payloadBytes();
  }

  /** The tracks that flow from here on. */
  public void tracks(Tracks now) {
    if (!now.equals(tracks)) {
      tracks = now;
      shownOf = SequenceHeaders.NONE;
      shown = SequenceHeaders.NONE;
    }
  }

  /** Nobody joins at the pictures before the next keyframe any more, if they are kept apart. */
  private void forgetStills() {
    still = false;
    if (!stills.isEmpty()) {
      keyframeIndex = NONE;
    }
    for (FlvTag tag : stills) {
      tag.release();
    }
    stills.clear();
    stillBytes = 0;
  }

  /**
   * What comes next is another publisher's: nobody joins before it any more, and nothing that came
   * before says anything about it.
   */
  public void anotherPublisher() {
    forgetStills();
    beginning = next;
    keyframe = NONE;
    keyframeIndex = NONE;
    videoSeen = false;
    keyframeHeaders = SequenceHeaders.NONE;
    headers = SequenceHeaders.NONE;
    tracks(Tracks.NONE);
  }

  /**
   * Lets go of what nobody needs: what lies before both the join point and the slowest viewer, and
   * what is beyond the bounds.
   *
   * @param slowest index of the slowest viewer's next tag; {@code next()} when there is none
   */
  public void trim(long slowest) {
    trim(slowest, maxBytes);
  }

  /**
   * Lets go of the same, and of what is beyond a bound in bytes that holds at present.
   *
   * @param mostBytes counts when it is less than the timeline's own bound
   */
  public void trim(long slowest, long mostBytes) {
    long most = Math.min(mostBytes, maxBytes);
    long keep = Math.min(slowest, joinIndex());
    while (first < keep) {
      dropFirst();
    }
    while (first < next && (bytes() > most || newestMs - tag(first).timestampMs() > maxSpanMs)) {
      dropFirst();
    }
    if (stillBytes > most) {
      forgetStills();
    }
  }

  /** What comes next is of another codec: nobody joins before it any more. */
  public void begin() {
    beginning = next;
  }

  /** Releases every tag. */
  public void clear() {
    while (first < next) {
      dropFirst();
    }
    forgetStills();
  }

  /** Index of the oldest tag held; {@link #next()} when empty. */
  public long first() {
    return first;
  }

  /** Index that the next tag will get. */
  public long next() {
    return next;
  }

  /** Payload bytes held. */
  public long bytes() {
    return bytes + stillBytes;
  }

  /** Payload bytes a second of what is held, or 0 while that is less than half a second. */
  public long bytesPerSecond() {
    long spanMs = first == next ? 0 : newestMs - tag(first).timestampMs();
    return spanMs < LEAST_RATE_MS ? 0 : bytes * 1_000 / spanMs;
  }

  /** The newest media time. */
  public long newestMs() {
    return newestMs;
  }

  /** A tag that is held. Borrowed. */
  public FlvTag tag(long index) {
    assert index >= first && index < next : index + " not in " + first + ".." + next;
    return Objects.requireNonNull(ring[slot(index)]);
  }

  /** The time at an index: that of its tag, or the newest when nothing is there yet. */
  public long timeAt(long index) {
    return index < next ? tag(index).timestampMs() : newestMs;
  }

  /** Index of the newest keyframe, or {@link #NONE} when none is held. */
  public long keyframe() {
    return keyframe;
  }

  /** Whether video came a moment ago. */
  public boolean hasVideo() {
    return videoSeen && newestMs - newestVideoMs < VIDEO_GONE_MS;
  }

  /** Whether the stream has a picture, were it one that stays. */
  private boolean videoFlows() {
    return videoSeen && (tracks.video() || !tracks.settled());
  }

  /** Where a joiner starts: the newest keyframe, about a second back in audio, or the end. */
  public long joinIndex() {
    if (videoFlows() && !still) {
      return keyframe == NONE ? next : keyframe;
    }
    long index = next;
    // Not past a header: the preamble has the newest, which what came before it would not fit.
    while (index > Math.max(first, beginning)
        && tag(index - 1).timestampMs() >= newestMs - AUDIO_BACK_MS
        && (tag(index - 1).mark() || !SequenceHeaders.isHeader(tag(index - 1)))) {
      index--;
    }
    return index;
  }

  /**
   * The pictures that one who joins at an index gets before it: the keyframe that the stream has
   * shown for long, and what followed. Empty when the tags from there on hold what is needed.
   * Borrowed.
   */
  public List<FlvTag> stillsBefore(long index) {
    if (!still || !videoFlows()) {
      return List.of();
    }
    List<FlvTag> all = new ArrayList<>(stills);
    for (long i = Math.max(first, keyframeIndex); i < index; i++) {
      if (tag(i).video() && !SequenceHeaders.isHeader(tag(i))) {
        all.add(tag(i));
      }
    }
    return all;
  }

  /** Index of the keyframe that a joiner starts with. */
  public long keyframeIndex() {
    return keyframeIndex;
  }

  /** Headers that came after that keyframe, and before {@link #joinIndex()}, among others. */
  public SequenceHeaders headersAfterStills() {
    if (headers == keyframeHeaders) {
      return SequenceHeaders.NONE;
    }
    SequenceHeaders now = headers.withoutMark(joinIndex());
    return tracks.settled() ? now.only(tracks.audio(), tracks.video()) : now;
  }

  /** Whether a joiner must leave out video until the next keyframe. */
  public boolean joinsWithoutVideo() {
    return videoSeen && !(videoFlows() && (still || keyframe != NONE));
  }

  /** What a joiner gets of the headers in force at {@link #joinIndex()}. */
  public SequenceHeaders joinHeaders() {
    SequenceHeaders inForce = joinHeadersInForce();
    if (!tracks.settled()) {
      return inForce;
    }
    if (shownOf != inForce) {
      shownOf = inForce;
      shown = inForce.only(tracks.audio(), tracks.video());
    }
    return shown;
  }

  /** Of marks the one in force at the first tag: one that comes behind it comes in its place. */
  private SequenceHeaders joinHeadersInForce() {
    if (!videoFlows() || (!still && keyframe == NONE)) {
      return headers.withoutMark(joinIndex());
    }
    return still ? keyframeHeaders.withoutMark(Long.MIN_VALUE) : keyframeHeaders;
  }

  /** Headers in force before the oldest tag. */
  public SequenceHeaders firstHeaders() {
    return firstHeaders;
  }

  /** Headers in force at the end. */
  public SequenceHeaders headers() {
    return headers;
  }

  private void dropFirst() {
    FlvTag tag = tag(first);
    if (SequenceHeaders.isHeader(tag)) {
      firstHeaders = firstHeaders.with(tag, first);
    }
    boolean kept = still && tag.video() && first >= keyframeIndex && !SequenceHeaders.isHeader(tag);
    if (first == keyframe) {
      keyframe = NONE;
    }
    ring[slot(first)] = null;
    bytes -= tag.payloadBytes();
    first++;
    if (kept) {
      stills.add(tag);
      stillBytes += tag.payloadBytes();
    } else {
      tag.release();
    }
  }

  private int slot(long index) {
    return (int) index & (ring.length - 1);
  }

  private void grow() {
    @Nullable FlvTag[] wider = new @Nullable FlvTag[ring.length * 2];
    for (long i = first; i < next; i++) {
      wider[(int) i & (wider.length - 1)] = ring[slot(i)];
    }
    ring = wider;
  }
}
