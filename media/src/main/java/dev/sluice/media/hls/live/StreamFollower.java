package dev.sluice.media.hls.live;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.flv.SoundHeader;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.SegmentList;
import dev.sluice.media.live.fanout.StreamListener;
import dev.sluice.media.segment.SegmentMark;
import dev.sluice.media.stream.EndReason;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows a stream's marks, and while HLS is wanted makes its parts, each once, when the mark that
 * ends it has shown that no tag is missing. Publishes what there is after each mark. While nobody
 * wants it an origin holds the tags of the segment at hand, so that who comes first gets that.
 *
 * <p>What is missing is asked for at the upstream, if there is one; until it has told, nothing new
 * is published, but not for longer than {@link #PATIENCE_NANOS}.
 *
 * <p>Threading: confined to the stream's loop. Crossing: {@link #told} may be called from any
 * thread; it is taken up with the next tag.
 */
final class StreamFollower implements StreamListener.Sink {
  private static final Logger log = LoggerFactory.getLogger(StreamFollower.class);
  static final long PATIENCE_NANOS = 8_000_000_000L;
  private static final long ASK_EVERY_NANOS = 500_000_000L;

  /** An upstream goes on making segments for a while after it was asked. */
  private static final long REMIND_EVERY_NANOS = 15_000_000_000L;

  private static final long QUIET_NANOS = 2_000_000_000L;
  private static final int MOST_REFUSALS = 4;
  private static final int KEPT_WINDOWS = 2;
  private static final int MOST_PICTURE_BYTES = 8 << 20;

  private final HlsStream stream;
  private final HlsContext context;
  private final SegmentList list;
  private final StreamPace pace = new StreamPace();
  private final @Nullable ArchiveFeed feed;
  private final AtomicReference<@Nullable MediaPlaylist> told = new AtomicReference<>();
  private SequenceHeaders headers = SequenceHeaders.NONE;
  private @Nullable FlvTag soundHeader;
  private MuxedTracks tracks = MuxedTracks.UNKNOWN;
  private final UncarriedTracks uncarried;
  private boolean marked;
  private long tracksConfig;
  private boolean keeping;
  private @Nullable KeptMedia media;
  private @Nullable OpenPart open;
  private final HeldParts held = new HeldParts();
  private int tagsSeen;
  private long firstKept = -1;

  /** The list begins where this server says, as the upstream has told nothing. */
  private boolean ownFloor;

  /** A part could not be made that then nobody may have. */
  private boolean missing;

  private long holeSinceNanos;
  private long triedNanos;
  private boolean hole;
  private long askedNanos;
  private boolean asked;
  private final AtomicBoolean asking = new AtomicBoolean();
  private final AtomicInteger refusals = new AtomicInteger();

  /** Follows a stream that begins. */
  StreamFollower(HlsStream stream, HlsContext context) {
    this.stream = stream;
    this.context = context;
    this.list = new SegmentList(context.window());
    this.uncarried = new UncarriedTracks(context.muxer());
    this.feed = context.feed(stream.key());
    if (feed != null) {
      feed.begins();
    }
  }

  /** What the upstream lists. Any thread. */
  private void told(@Nullable MediaPlaylist playlist) {
    asking.set(false);
    if (playlist != null) {
      refusals.set(0);
      told.set(playlist);
    } else {
      refusals.incrementAndGet();
    }
  }

  @Override
  public void tag(FlvTag tag) {
    if (told.get() != null) {
      takeTold();
    }
    if (tag.script()) {
      SegmentMark mark = SegmentMark.decode(tag.payload());
      if (mark != null) {
        mark(mark, tag.timestampMs());
        return;
      }
    }
    if (SequenceHeaders.isHeader(tag)) {
      headers = headers.after(tag);
    } else if (!tag.script()) {
      tagsSeen++;
      pace.add(tag);
      if (tag.keyframe()) {
        keyframe(tag);
      }
      if (!marked) {
        stream.uncarried(uncarried.saw(tag, headers));
      }
      takeSoundHeader(tag);
      if (open != null) {
        open.add(tag);
      }
    }
  }

  private void keyframe(FlvTag tag) {
    if (tag.payloadBytes() > MOST_PICTURE_BYTES) {
      return;
    }
    for (FlvTag header : headers.of(TagType.VIDEO)) {
      if (header.sequenceHeader() && header.track() == tag.track()) {
        stream.keyframe(this, new KeptKeyframe(tag, header));
        return;
      }
    }
  }

  /** Sound without a sequence header is known by its first frame, which comes behind the mark. */
  private void takeSoundHeader(FlvTag tag) {
    FlvTag header = tag.audio() ? SoundHeader.of(tag) : null;
    if (header == null) {
      return;
    }
    soundHeader = header;
    OpenPart part = open;
    if (part != null && !part.knowsTracks()) {
      tracks = MuxedTracks.of(tracksConfig, headers, header);
      part.tracks(tracks);
    }
  }

  private void takeTold() {
    MediaPlaylist playlist = told.getAndSet(null);
    if (playlist != null && keeping && list.incarnation() != 0 && list.merge(playlist)) {
      ownFloor = false;
      publish();
    }
  }

  private void mark(SegmentMark mark, long markMs) {
    if (mark.incarnation() != list.incarnation()) {
      endKeeping();
      pace.forget();
      hole = false;
      refusals.set(0);
    }
    marked = !mark.endsStretch();
    uncarried.forget();
    endPart(mark);
    list.mark(mark, tagsSeen);
    MediaPlaylist listed = stream.listed();
    if (listed != null) {
      list.goOnFrom(listed);
    }
    pace.mark(mark);
    tagsSeen = 0;
    keepOrNot(mark);
    // Other headers may be there already while parts still go by those before.
    if (!mark.endsStretch() && (mark.config() != tracksConfig || !tracks.isKnown())) {
      tracksConfig = mark.config();
      tracks = MuxedTracks.of(mark.config(), headers, soundHeader);
    }
    if (pace.hasSegment()) {
      stream.measured(pace.variant(tracks, context.muxer()));
    }
    if (!mark.endsStretch() && (keeping || holds(mark))) {
      beginPart(mark, markMs);
    }
    if (feed == null || stream.isWanted() || mark.part() == 0) {
      publish();
    }
    if (feed != null && mark.part() == 0) {
      feed.mark(mark, list, media, list.snapshot(false), pace.variant(tracks, context.muxer()));
    }
  }

  /** Begins or ends keeping: at an origin with a segment, as there is nobody else to ask. */
  private void keepOrNot(SegmentMark mark) {
    boolean wanted = stream.isWanted() || feed != null;
    if (!wanted && keeping) {
      keeping = false;
      endKeeping();
      list.forgetFloor();
      stream.letGo();
    } else if (wanted && !keeping) {
      keeping = mark.beginsSegment() || context.upstream() != null || held.leadTo(mark);
    }
    if (keeping && media == null) {
      media = new KeptMedia(mark.incarnation(), context.memory(), context.muxer());
      stream.keeps(media);
      firstKept = mark.part() == 0 || held.leadTo(mark) ? mark.msn() : mark.msn() + 1;
      ownFloor = false;
      missing = false;
      hole = false;
      if (context.upstream() == null) {
        list.floor(firstKept);
      }
      held.take(this::make);
    }
  }

  /** Whether a part is held although nobody wants it: of the segment at hand, at an origin. */
  private boolean holds(SegmentMark mark) {
    return context.upstream() == null && (mark.beginsSegment() || held.leadTo(mark));
  }

  private void endKeeping() {
    held.clear();
    if (open != null) {
      open.release();
      open = null;
    }
    media = null; // the stream's, as players may still ask for it
  }

  // ---- parts

  private void beginPart(SegmentMark mark, long markMs) {
    open = new OpenPart(mark, markMs, tracks);
  }

  private void endPart(SegmentMark ends) {
    OpenPart part = open;
    open = null;
    if (part != null && keeping) {
      make(part, ends);
    } else if (part != null) {
      held.add(part, ends);
    }
  }

  /** Makes a part, and lets go of its tags. */
  private void make(OpenPart part, SegmentMark ends) {
    KeptMedia to = media;
    if (to == null) {
      part.release();
      return;
    }
    SegmentMark begins = part.begins();
    try {
      SharedBytes bytes = null;
      if (part.isWhatEnds(ends)) {
        ByteBuf muxed = part.mux(context.muxer(), ends);
        bytes = muxed == null ? null : new SharedBytes(muxed);
        if (bytes != null && !to.hasInit(begins.config())) {
          byte[] init = part.init(context.muxer());
          if (init != null) {
            to.init(begins.config(), init);
          }
        }
      }
      context.count(bytes != null);
      boolean last = ends.msn() != begins.msn();
      to.add(begins, bytes, last, ends.endMs());
      missing |= bytes == null;
    } catch (RuntimeException e) {
      log.error(
          "hls part failed stream={} msn={} part={}", stream.key(), begins.msn(), begins.part(), e);
      to.add(begins, null, ends.msn() != begins.msn(), ends.endMs());
      missing = true;
    } finally {
      part.release();
    }
    long keepMs = KEPT_WINDOWS * context.window().ms() + list.targetSeconds() * 1000L;
    stream.letGoOfOld();
    long first = to.trim(ends.endMs() - keepMs);
    if (context.upstream() == null && feed == null) {
      list.floor(first);
    }
  }

  // ---- what is published

  private void publish() {
    KeptMedia of = media;
    if (!keeping || of == null) {
      return;
    }
    if (list.hasHole()) {
      ask(ASK_EVERY_NANOS);
      if (!givesUp()) {
        return;
      }
    } else {
      hole = false;
      refusals.set(0);
      ask(ownFloor && missing ? ASK_EVERY_NANOS : REMIND_EVERY_NANOS);
    }
    MediaPlaylist playlist = list.snapshot(false);
    // A player that knows no parts takes a list without a segment for an empty stream.
    if (playlist != null && playlist.segments().getFirst().whole()) {
      stream.measured(pace.variant(tracks, context.muxer()));
      stream.tracks(tracks);
      stream.uncarried(tracks.isKnown() ? UncarriedTracks.of(tracks, context.muxer()) : null);
      stream.publish(this, playlist, of);
    }
  }

  /** Asks the upstream what it lists, unless it was asked lately. */
  private void ask(long everyNanos) {
    HlsUpstream upstream = context.upstream();
    long now = context.nanoTime();
    boolean soon = asked && now - askedNanos < everyNanos;
    if (upstream != null && !soon && asking.compareAndSet(false, true)) {
      asked = true;
      askedNanos = now;
      upstream.playlist(stream.key(), list.incarnation(), this::told);
    }
  }

  /** Whether it is time to go on without what is missing. */
  private boolean givesUp() {
    long now = context.nanoTime();
    // What passed while no mark came is not counted: nobody could be asked then.
    if (!hole || now - triedNanos >= QUIET_NANOS) {
      hole = true;
      holeSinceNanos = now;
    }
    triedNanos = now;
    boolean late =
        context.upstream() == null
            || refusals.get() >= MOST_REFUSALS
            || now - holeSinceNanos >= PATIENCE_NANOS;
    if (late && !list.hasFloor()) {
      list.floor(firstKept);
      ownFloor = true;
    }
    return late;
  }

  @Override
  public void closed(EndReason reason) {
    KeptMedia of = media;
    if (open != null) {
      open.release();
      open = null;
    }
    held.clear();
    boolean ends = reason.forViewers().endsStream();
    MediaPlaylist last = ends && of != null ? list.snapshot(true) : null;
    stream.ended(
        this, last == null || of == null ? null : HlsState.of(last, of, List::of), ends, reason);
    media = null; // the stream's, for as long as it lingers
    if (feed != null) {
      feed.end();
    }
  }
}
