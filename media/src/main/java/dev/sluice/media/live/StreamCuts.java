package dev.sluice.media.live;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.MediaPayload;
import dev.sluice.media.flv.PictureTrack;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.flv.SoundHeader;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.live.timeline.Tracks;
import dev.sluice.media.rendition.GroupMember;
import dev.sluice.media.rendition.Rendition;
import dev.sluice.media.rendition.RenditionGroup;
import dev.sluice.media.segment.DateRange;
import dev.sluice.media.segment.SegmentMark;
import dev.sluice.media.segment.Segmenter;
import dev.sluice.media.stream.StreamKey;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The marks of a stream, {@link SegmentMark}: made here at the origin, and passed on at an edge. A
 * mark that came goes right before the next media tag that is shown, at the same distance from it
 * as it came with; and with that it is left out.
 *
 * <p>An upstream from which none comes is no origin of ours: then they are made here too, and hold
 * for this server alone.
 *
 * <p>Threading: confined to the stream's loop; {@link #from} and {@link #zeroWallMs} by any thread.
 */
final class StreamCuts {
  private static final Logger log = LoggerFactory.getLogger(StreamCuts.class);

  /** {@link #zeroWallMs()} while no mark was put. */
  static final long NO_DATE = Long.MIN_VALUE;

  private static final int MOST_HELD = 64;
  private static final int KEYFRAMES_OF_A_STRANGER = 2;

  /** An origin of ours may wait nearly as long for its tracks before it begins. */
  private static final long STRANGER_MS = 6_000;

  private static final long MOST_INCARNATION = 1L << 52;

  /** Who decides where the stream is cut. */
  enum From {
    NOBODY(""),
    HERE("here"),
    UPSTREAM("upstream");

    private final String word;

    From(String word) {
      this.word = word;
    }

    /** For {@code /api/streams}. */
    String word() {
      return word;
    }
  }

  private final StreamKey key;
  private final LiveContext context;
  private final boolean origin;
  private final @Nullable GroupMember member;
  private final Consumer<FlvTag> append;
  private final ArrayDeque<FlvTag> held = new ArrayDeque<>();
  private final PendingNotes notes = new PendingNotes();
  private volatile From from = From.NOBODY;
  private volatile long zeroWallMs = NO_DATE;
  private long cameMs;
  private long shownMs;
  private boolean mediaSeen;
  private long firstMs;
  private int keyframes;
  private boolean pictures;
  private @Nullable Segmenter segmenter;

  /** The time by which the segmenter goes less that of the stream. */
  private long shiftMs;

  private boolean together;
  private SequenceHeaders seenHeaders = SequenceHeaders.NONE;
  private Tracks seenTracks = Tracks.NONE;
  private @Nullable FlvTag soundHeader;
  private long newestMs;
  private int cues;
  private long belowMsn;
  private long belowDiscontinuity;

  /**
   * Before the first tag.
   *
   * @param origin whether the stream's publisher is an encoder
   * @param append puts a mark into the stream; takes ownership
   */
  StreamCuts(StreamKey key, LiveContext context, boolean origin, Consumer<FlvTag> append) {
    this.key = key;
    this.context = context;
    this.origin = origin;
    this.member =
        origin
            ? context
                .renditions()
                .join(key, context.config().segmentPolicy(), new Run(key, context))
            : null;
    this.append = append;
  }

  /** What a group begins with. */
  private record Run(StreamKey key, LiveContext context) implements GroupMember.NewRun {
    @Override
    public long incarnation() {
      return ThreadLocalRandom.current().nextLong(1, MOST_INCARNATION);
    }

    @Override
    public long wallZeroMs(long timeMs) {
      return Math.max(0, context.wallMillis() - timeMs);
    }

    @Override
    public long firstMsn(StreamKey group) {
      SegmentNumbers numbers = context.segmentNumbers();
      long wallMs = context.wallMillis();
      return Math.max(numbers.first(key, wallMs), numbers.first(group, wallMs));
    }

    @Override
    public long firstDiscontinuity(StreamKey group) {
      SegmentNumbers numbers = context.segmentNumbers();
      long wallMs = context.wallMillis();
      return Math.max(
          numbers.firstDiscontinuity(key, wallMs), numbers.firstDiscontinuity(group, wallMs));
    }
  }

  /** The group that the stream goes along with, as {@code app/name}; else empty. Any thread. */
  String renditionOf() {
    GroupMember rendition = member;
    boolean goes =
        rendition != null && rendition.rendition().standing() == Rendition.Standing.TOGETHER;
    return goes && rendition != null ? rendition.group().key().toString() : "";
  }

  /** Why it does not go along with the other renditions, as a sentence; else empty. Any thread. */
  String apart() {
    GroupMember rendition = member;
    return rendition != null && context.renditions().isShared(rendition.group())
        ? rendition.rendition().why()
        : "";
  }

  /** Who decides; any thread. */
  From from() {
    return from;
  }

  /**
   * The time of day of this server's stream time 0, as the newest mark has it; {@link #NO_DATE}
   * before there was one. A break of the publisher is not in it. Any thread.
   */
  long zeroWallMs() {
    return zeroWallMs;
  }

  /** A mark came. One from an encoder is left out. Borrows it. */
  void came(FlvTag tag) {
    SegmentMark mark = origin ? null : SegmentMark.decode(tag.payload());
    if (mark == null) {
      return;
    }
    endHere();
    segmenter = null;
    from = From.UPSTREAM;
    belowMsn = Math.max(belowMsn, mark.msn() + 1);
    FlvTag pinned = SequenceHeaders.pinned(tag);
    if (mark.endsStretch() && mediaSeen) {
      putHeld(cameMs, shownMs);
      put(pinned, cameMs, shownMs);
    } else {
      if (held.size() == MOST_HELD) {
        held.removeFirst();
      }
      held.add(pinned);
    }
  }

  /** A media tag is not shown. */
  void omitted() {
    held.clear();
  }

  /** The source was connected anew. */
  void reconnected() {
    held.clear();
    mediaSeen = false;
    pictures = false;
  }

  /**
   * A media tag comes: puts the mark before it, if it has one. Borrows the tags.
   *
   * @param came as it came
   * @param shown at the stream's time
   * @param joinPoint whether viewers can join at it
   */
  void before(
      FlvTag came,
      FlvTag shown,
      boolean joinPoint,
      Tracks tracks,
      SequenceHeaders inForce,
      PictureTrack pictureTrack) {
    if (!origin) {
      boolean marked = !held.isEmpty();
      putHeld(came.timestampMs(), shown.timestampMs());
      if (strange(marked, shown, joinPoint)) {
        from = From.HERE;
      }
      cameMs = came.timestampMs();
      shownMs = shown.timestampMs();
      if (from != From.HERE) {
        return;
      }
    }
    takeSoundHeader(shown);
    boolean own = !isHeldBack(came, shown, joinPoint, tracks, pictureTrack);
    if (own && tracks.settled()) {
      Segmenter here = here(shown.timestampMs());
      tell(here, tracks, inForce, pictureTrack);
      newestMs = shown.timestampMs();
      FlvTag shifted = shown.at(shown.timestampMs() + shiftMs);
      try {
        put(here.before(shifted, joinPoint));
      } finally {
        shifted.release();
      }
    }
  }

  /** Goes along with a group, or leaves it; whether it is not known yet which. */
  private boolean isHeldBack(
      FlvTag came, FlvTag shown, boolean joinPoint, Tracks tracks, PictureTrack pictureTrack) {
    GroupMember rendition = member;
    if (rendition == null) {
      return false;
    }
    Rendition before = rendition.rendition();
    boolean picture = shown.video() && pictureTrack.has(shown);
    rendition.saw(
        came.timestampMs(),
        shown.timestampMs(),
        picture,
        joinPoint,
        joinPoint ? shownAfterMs(shown) : 0,
        context.nanoTime());
    if (tracks.settled() && !tracks.video()) {
      rendition.withoutPictures();
    }
    Rendition now = rendition.rendition();
    Rendition.Standing standing = now.standing();
    if (standing == Rendition.Standing.APART
        && standing != before.standing()
        && context.renditions().isShared(rendition.group())) {
      log.warn(
          "rendition is apart stream={} group={} why=\"{}\"",
          key,
          rendition.group().key(),
          now.why());
    }
    boolean goesAlong = standing == Rendition.Standing.TOGETHER;
    if (segmenter != null && goesAlong != together) {
      endHere();
      segmenter = null;
    }
    together = goesAlong;
    return standing == Rendition.Standing.CHECKED;
  }

  /** Of sound that has no sequence header: what stands in for it. */
  private void takeSoundHeader(FlvTag shown) {
    FlvTag header = shown.audio() ? SoundHeader.of(shown) : null;
    FlvTag before = soundHeader;
    if (header != null
        && (before == null || !ByteBufUtil.equals(before.payload(), header.payload()))) {
      soundHeader = header;
      forgetTracks();
    }
  }

  /** Whether the upstream is known by now to send no marks. */
  private boolean strange(boolean marked, FlvTag shown, boolean joinPoint) {
    pictures |= shown.video();
    if (marked || !mediaSeen) {
      mediaSeen = true;
      firstMs = shown.timestampMs();
      keyframes = 0;
    }
    keyframes += joinPoint ? 1 : 0;
    return !marked
        && shown.timestampMs() - firstMs >= STRANGER_MS
        && (!pictures || (joinPoint && keyframes >= KEYFRAMES_OF_A_STRANGER));
  }

  private static int shownAfterMs(FlvTag keyframe) {
    MediaPayload payload = MediaPayload.of(keyframe);
    return payload == null ? 0 : payload.compositionMs();
  }

  private Segmenter here(long timeMs) {
    Segmenter there = segmenter;
    if (there == null) {
      there = together && member != null ? along(member) : alone(timeMs);
      segmenter = there;
      from = From.HERE;
      forgetTracks();
    }
    return there;
  }

  private Segmenter along(GroupMember rendition) {
    shiftMs = rendition.shiftMs();
    rendition.used(belowMsn);
    return Segmenter.ofRendition(
        context.config().segmentPolicy(),
        rendition.incarnation(),
        rendition.wallZeroMs(),
        rendition);
  }

  private Segmenter alone(long timeMs) {
    shiftMs = 0;
    long wallMs = context.wallMillis();
    SegmentNumbers numbers = context.segmentNumbers();
    long behindGroup = member == null ? 0 : member.firstMsnApart();
    long first = numbers.first(key, behindGroup > 0 ? 0 : wallMs);
    return new Segmenter(
        context.config().segmentPolicy(),
        ThreadLocalRandom.current().nextLong(1, MOST_INCARNATION),
        Math.max(0, wallMs - timeMs),
        Math.max(Math.max(first, behindGroup), belowMsn),
        Math.max(numbers.firstDiscontinuity(key, wallMs), belowDiscontinuity));
  }

  private void forgetTracks() {
    seenHeaders = SequenceHeaders.NONE;
    seenTracks = Tracks.NONE;
  }

  /** Tells which tracks there are, when that has changed. */
  private void tell(
      Segmenter here, Tracks tracks, SequenceHeaders inForce, PictureTrack pictureTrack) {
    if (inForce == seenHeaders && tracks.equals(seenTracks)) {
      return;
    }
    seenHeaders = inForce;
    seenTracks = tracks;
    FlvTag video = null;
    if (tracks.video()) {
      for (FlvTag header : inForce.of(TagType.VIDEO)) {
        video = header.sequenceHeader() && pictureTrack.has(header) ? header : video;
      }
    }
    FlvTag audio = null;
    if (tracks.audio()) {
      for (FlvTag header : inForce.of(TagType.AUDIO)) {
        audio = header.sequenceHeader() && header.track() == 0 ? header : audio;
      }
      audio = audio == null ? soundHeader : audio;
    }
    here.headers(video, audio);
  }

  /** Has a span of time listed, if it is decided here what is. */
  DateRange announce(String id, AskedRange range) throws RangeRefused {
    if (segmenter == null || from != From.HERE || zeroWallMs == NO_DATE) {
      throw new RangeRefused(
          RangeRefused.Reason.NOT_HERE,
          from == From.UPSTREAM
              ? key + " comes from another server (expected: told to its origin)"
              : key + " has not begun (expected: told once it has pictures or sound)");
    }
    long nowMs = zeroWallMs + newestMs;
    try {
      return notes.add(range.at(nowMs, notes.known(id)), nowMs);
    } catch (IllegalArgumentException e) {
      throw new RangeRefused(RangeRefused.Reason.BAD, String.valueOf(e.getMessage()));
    }
  }

  /** Script data came from the encoder, which may be a cue point. Borrows it. */
  void script(FlvTag tag) {
    if (segmenter == null || from != From.HERE || !CuePoint.is(tag.payload())) {
      return;
    }
    String unnamed = "cue-" + (zeroWallMs + newestMs) + "-" + ++cues;
    try {
      announce(
          unnamed,
          (nowMs, before) -> Objects.requireNonNull(CuePoint.range(tag.payload(), nowMs, unnamed)));
      context.counters().cuePoint("listed");
    } catch (RangeRefused e) {
      context.counters().cuePoint(e.reason().word());
    }
  }

  /** What the next marks say besides. */
  PendingNotes notes() {
    return notes;
  }

  /** The publisher is gone, or another one took over, or the stream is over. */
  void gone() {
    held.clear();
    soundHeader = null;
    endHere();
    GroupMember rendition = member;
    if (rendition != null) {
      rendition.gone();
      segmenter = null;
    }
  }

  /** The stream is over. */
  void over() {
    gone();
    if (member != null) {
      context.renditions().leave(key, member);
    }
  }

  private void endHere() {
    Segmenter here = segmenter;
    if (here != null) {
      put(here.end());
      forgetTracks();
      long wallMs = context.wallMillis();
      context.segmentNumbers().used(key, belowMsn, belowDiscontinuity, wallMs);
      if (member != null && together) {
        RenditionGroup group = member.group();
        context
            .segmentNumbers()
            .used(group.key(), group.belowMsn(), group.belowDiscontinuity(), wallMs);
      }
    }
  }

  private void putHeld(long came, long shown) {
    for (FlvTag mark = held.poll(); mark != null; mark = held.poll()) {
      put(mark, came, shown);
    }
  }

  /** Puts a mark as far from a media tag as it came. */
  private void put(FlvTag mark, long came, long shown) {
    long atMs = shown + (int) (mark.timestampMs() - came);
    SegmentMark told = SegmentMark.decode(mark.payload());
    if (told != null) {
      zeroWallMs = told.wallZeroMs() + told.timeMs() - atMs;
    }
    append.accept(mark.at(atMs));
  }

  private void put(@Nullable SegmentMark mark) {
    if (mark != null) {
      belowMsn = mark.msn() + (mark.endsStretch() ? 0 : 1);
      belowDiscontinuity = mark.discontinuity() + (mark.endsStretch() ? 0 : 1);
      zeroWallMs = mark.wallZeroMs() + shiftMs;
      SegmentMark noted = mark.with(notes.take());
      long atMs = mark.timeMs() - shiftMs;
      append.accept(SequenceHeaders.pinned(TagType.SCRIPT, atMs, noted.encode()));
    }
  }
}
