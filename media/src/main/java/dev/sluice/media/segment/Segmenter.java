package dev.sluice.media.segment;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.segment.SharedNumbers.Place;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides where a stream is cut, as its tags come.
 *
 * <p>A <em>part</em> ends before the frame that would make it longer than the part target, the
 * frame taken to be as long as the longest of late. Pictures decide, and where there are none,
 * sound; so also while pictures pause. A frame that comes later than thought does not lengthen the
 * part before it: that ends at the target, and the next one begins there, before its first tag.
 *
 * <p>A <em>segment</em> ends at the first keyframe from {@link SegmentPolicy#segmentMs} on. When
 * none comes it is cut where it would be rounded to more than the target, and then at the first
 * keyframe that leaves a second before it. Of sound alone it ends anywhere.
 *
 * <p>A <em>stretch</em> ends with its publisher, where nothing came for so long that parts cannot
 * bridge it, or with other sequence headers. What follows is discontinuous; so is a segment whose
 * sound has to be put back by more than a tenth of a second, to where its times say.
 *
 * <p>A <em>rendition</em> of several leaves numbers and breaks to {@link SharedNumbers}, and
 * segments end where they say. When it cannot follow, its stretch ends, and the next one begins
 * among the others at a later number.
 *
 * <p>Threading: confined to the owner of the stream. Pure: time is that of the tags.
 */
public final class Segmenter {
  private static final long SILENCE_MS = 1000;

  /** Pictures are taken to pause when sound is so far past the end of the part. */
  private static final long PAUSE_MS = 50;

  private static final long AFTER_HARD_CUT_MS = 1000;
  private static final int TOLERANCE = 40;

  /** Tracks of which parts are made. */
  private record Muxed(@Nullable FlvTag video, @Nullable FlvTag audio, long config) {
    static final Muxed NONE = new Muxed(null, null, 0);

    boolean has(FlvTag media) {
      FlvTag header = media.video() ? video : media.audio() ? audio : null;
      return header != null && header.track() == media.track();
    }
  }

  private final SegmentPolicy policy;
  private final long incarnation;
  private final long wallZeroMs;
  private final @Nullable SharedNumbers shared;
  private final Targets targets;
  private final PartDigest digest = new PartDigest();
  private final TrackPace pictures = new TrackPace();
  private final TrackPace sound = new TrackPace();

  /** How far the sound was ahead of the pictures that it came with. */
  private final LatestGreatest soundAhead = new LatestGreatest();

  private final AudioDrift drift = new AudioDrift();
  private final ChangePace changes = new ChangePace();
  private Muxed muxed = Muxed.NONE;
  private Muxed pending = Muxed.NONE;
  private @Nullable AudioGrid grid;
  private long msn;
  private int part;
  private long discontinuity;
  private boolean open;
  private boolean resumes;
  private boolean hardCut;
  private long segmentMs;
  private long partMs;

  /**
   * Before the first tag.
   *
   * @param incarnation see {@link SegmentMark#incarnation}
   * @param wallZeroMs see {@link SegmentMark#wallZeroMs}
   * @param firstMsn number of the first segment
   * @param firstDiscontinuity discontinuity number of the first segment
   */
  public Segmenter(
      SegmentPolicy policy,
      long incarnation,
      long wallZeroMs,
      long firstMsn,
      long firstDiscontinuity) {
    this(policy, incarnation, wallZeroMs, null);
    this.msn = firstMsn;
    this.discontinuity = firstDiscontinuity;
  }

  private Segmenter(
      SegmentPolicy policy, long incarnation, long wallZeroMs, @Nullable SharedNumbers shared) {
    this.policy = policy;
    this.incarnation = incarnation;
    this.wallZeroMs = wallZeroMs;
    this.shared = shared;
    this.targets = new Targets(policy);
  }

  /**
   * That of a rendition, before the first tag. Incarnation and date are those of the group.
   *
   * @param shared what it goes by
   */
  public static Segmenter ofRendition(
      SegmentPolicy policy, long incarnation, long wallZeroMs, SharedNumbers shared) {
    return new Segmenter(policy, incarnation, wallZeroMs, shared);
  }

  /**
   * Tells the sequence headers in force of the tracks of which parts are made. Nothing is cut
   * before the first call, which is best made when it is known which tracks there are; nor, after
   * {@link #end}, before the next. Others than before lead to a discontinuity: at the next join
   * point, or at once when there are no pictures now. Keeps them; they must be pinned.
   *
   * @param video null when there are no pictures, or none that can be in a part
   * @param audio the same of sound
   */
  public void headers(@Nullable FlvTag video, @Nullable FlvTag audio) {
    List<FlvTag> all = new ArrayList<>(2);
    if (video != null) {
      all.add(video);
    }
    if (audio != null) {
      all.add(audio);
    }
    pending = all.isEmpty() ? Muxed.NONE : new Muxed(video, audio, SegmentMark.configOf(all));
    if (!open) {
      use(pending);
    }
  }

  private void use(Muxed now) {
    FlvTag audio = now.audio();
    FlvTag before = muxed.audio();
    muxed = now;
    if (audio == null) {
      grid = null;
    } else if (before == null || !ByteBufUtil.equals(before.payload(), audio.payload())) {
      grid = AudioGrid.of(audio);
      drift.forget();
    }
  }

  /**
   * The mark to send before a media tag, or null. To be called for every audio and video tag that
   * is no header, in the order of the stream. Borrows the tag.
   *
   * @param media with stream time
   * @param joinPoint whether it is a keyframe of the track by which viewers join
   */
  public @Nullable SegmentMark before(FlvTag media, boolean joinPoint) {
    boolean ours = muxed.has(media);
    SegmentMark mark = decide(media, media.video() && joinPoint, ours);
    if (open) {
      digest.add(media, media.timestampMs() - partMs);
    }
    if (muxed.has(media)) {
      saw(media);
    }
    return mark;
  }

  private void saw(FlvTag media) {
    long timeMs = media.timestampMs();
    if (media.video()) {
      pictures.saw(timeMs);
      if (sound.seen()) {
        soundAhead.add(sound.lastMs() - timeMs);
      }
      return;
    }
    if (!sound.seen() && pictures.seen()) {
      soundAhead.add(timeMs - pictures.lastMs());
    }
    sound.saw(timeMs);
    AudioGrid on = grid;
    if (on != null) {
      long place = on.place(media);
      drift.saw(place, on.ticks(timeMs), on.next() - place);
    }
  }

  private @Nullable SegmentMark decide(FlvTag media, boolean joinPoint, boolean ours) {
    boolean noPictures = muxed.video() == null;
    if (!open) {
      boolean begins = ours && (noPictures || joinPoint) && placed(media.timestampMs());
      return begins ? start(media.timestampMs(), joinPoint) : null;
    }
    long timeMs = onOneClock(media);
    if (pending.config() != muxed.config()
        && pending.has(media)
        && (pending.video() == null || joinPoint)
        && changes.changes(timeMs)) {
      return breakOff(timeMs, joinPoint);
    }
    if (!ours) {
      return null;
    }
    if (silentBefore(timeMs)) {
      return breakOff(timeMs, joinPoint);
    }
    return media.video() || noPictures
        ? lead(media, timeMs, noPictures || joinPoint)
        : follow(timeMs);
  }

  /** The time of a tag, of sound less what it is usually ahead of the pictures. */
  private long onOneClock(FlvTag media) {
    boolean ahead = media.audio() && muxed.video() != null;
    return media.timestampMs() - (ahead ? soundAhead.value() : 0);
  }

  private boolean silentBefore(long timeMs) {
    long newest = Math.max(pictures.lastMs(), sound.seen() ? soundMs(sound.lastMs()) : -1);
    long usual = Math.max(pictures.longestGapMs(), sound.longestGapMs());
    return usual > 0 && timeMs - newest > usual + SILENCE_MS;
  }

  private long soundMs(long timeMs) {
    return muxed.video() == null ? timeMs : timeMs - soundAhead.value();
  }

  /** A tag of the track that decides where to cut. */
  private @Nullable SegmentMark lead(FlvTag media, long timeMs, boolean joinable) {
    TrackPace pace = media.video() ? pictures : sound;
    if (timeMs > latestMs() && muxed.audio() == null && pace.lastMs() == partMs) {
      targets.frameLasts(timeMs - partMs);
    }
    long least =
        hardCut && joinable && media.video()
            ? AFTER_HARD_CUT_MS
            : policy.segmentMs() - policy.segmentMs() / TOLERANCE;
    if (timeMs - Math.max(latestMs(), partMs + 1) >= targets.mostPartMs()) {
      return breakOff(timeMs, joinable);
    }
    boolean due = joinable && timeMs - segmentMs >= least;
    if (due && soundGoesBackInGroup()) {
      return breakOff(timeMs, joinable);
    }
    Place at = joinable ? next(timeMs, due) : null;
    if (joinable && at == null && isLost(timeMs)) {
      return leave();
    }
    boolean wanted = at != null;
    long behindMs = timeMs + targets.frameMs(pace.longestGapMs(timeMs));
    if (!wanted && behindMs <= latestMs()) {
      return null;
    }
    boolean hard = !wanted && behindMs > segmentMs + targets.mostSegmentMs();
    long cutMs = Math.min(timeMs, latestMs());
    if (cutMs <= partMs) {
      if (!wanted) {
        return null;
      }
      cutMs = partMs + 1;
    }
    if (hard) {
      return hardCut(cutMs, joinable);
    }
    return cut(cutMs, at, false, joinable);
  }

  /** Ends a segment that would become too long. */
  private SegmentMark hardCut(long cutMs, boolean independent) {
    if (soundGoesBackInGroup()) {
      return breakOff(cutMs, independent);
    }
    Place at = next(cutMs, true);
    return at == null ? leave() : cut(cutMs, at, true, independent);
  }

  // ---- numbers

  /** Whether a stretch may begin, and takes its numbers. */
  private boolean placed(long timeMs) {
    SharedNumbers group = shared;
    if (group == null) {
      return true;
    }
    Place at = group.begin(timeMs);
    if (at != null) {
      msn = at.msn();
      discontinuity = at.discontinuity();
      resumes = at.discontinuous();
      targets.adopt(group.targetMs(), group.partTargetMs());
    }
    return at != null;
  }

  private boolean soundGoesBackInGroup() {
    AudioGrid on = grid;
    return shared != null && on != null && drift.goesBack(on);
  }

  private @Nullable Place next(long timeMs, boolean due) {
    if (shared != null) {
      return shared.next(timeMs, due);
    }
    return due ? new Place(msn + 1, discontinuity, false) : null;
  }

  private boolean isLost(long timeMs) {
    return shared != null && shared.isLost(timeMs);
  }

  /** A tag of sound, while pictures decide: cuts when they pause. */
  private @Nullable SegmentMark follow(long timeMs) {
    long cutMs = latestMs();
    if (timeMs <= cutMs + PAUSE_MS) {
      return null;
    }
    if (timeMs - cutMs >= targets.mostPartMs()) {
      return breakOff(timeMs, false);
    }
    boolean hard = cutMs == segmentMs + targets.mostSegmentMs();
    return hard ? hardCut(cutMs, false) : cut(cutMs, null, false, false);
  }

  /** The part must not last longer than until then. */
  private long latestMs() {
    return Math.min(partMs + targets.mostPartMs(), segmentMs + targets.mostSegmentMs());
  }

  /** Publisher gone or taken over: the mark that ends the stretch, or null when there is none. */
  public @Nullable SegmentMark end() {
    SegmentMark mark = open ? close(lastEndMs()) : null;
    pending = Muxed.NONE;
    use(Muxed.NONE);
    forget();
    return mark;
  }

  /** A rendition ends its stretch, and begins anew when the group lets it. */
  private SegmentMark leave() {
    SegmentMark mark = close(lastEndMs());
    use(pending);
    forget();
    return mark;
  }

  private SegmentMark close(long endMs) {
    targets.partWas(endMs - partMs);
    targets.segmentWas(endMs - segmentMs);
    SegmentMark mark = mark(endMs, msn + 1, 0, discontinuity + 1, false, false, true, endMs);
    resumes = true;
    open = false;
    msn++;
    discontinuity++;
    if (shared != null) {
      shared.end();
    }
    return mark;
  }

  private void forget() {
    pictures.forget();
    sound.forget();
    soundAhead.clear();
  }

  private SegmentMark start(long timeMs, boolean joinPoint) {
    open = true;
    hardCut = false;
    segmentMs = timeMs;
    partMs = timeMs;
    part = 0;
    SegmentMark mark =
        mark(
            timeMs,
            msn,
            0,
            discontinuity,
            joinPoint || muxed.video() == null,
            resumes,
            false,
            SegmentMark.NOTHING_ENDS);
    resumes = false;
    digest.reset();
    return mark;
  }

  /** Ends what there is where its last frame ends, and begins anew. */
  private SegmentMark breakOff(long timeMs, boolean joinPoint) {
    long endMs = Math.min(lastEndMs(), Math.max(timeMs, partMs + 1));
    long beginMs = Math.max(timeMs, endMs);
    Place at =
        shared == null ? new Place(msn + 1, discontinuity + 1, true) : shared.breakOff(beginMs);
    if (at == null) {
      return leave();
    }
    targets.partWas(endMs - partMs);
    targets.segmentWas(endMs - segmentMs);
    if (pending.config() != muxed.config()) {
      use(pending);
      forget();
    }
    pictures.breakOff();
    sound.breakOff();
    drift.forget();
    AudioGrid on = grid;
    if (on != null) {
      on.anchor(SegmentMark.NO_AUDIO);
    }
    msn = at.msn();
    discontinuity = at.discontinuity();
    part = 0;
    hardCut = false;
    boolean independent = joinPoint || muxed.video() == null;
    SegmentMark mark = mark(beginMs, msn, 0, discontinuity, independent, true, false, endMs);
    segmentMs = beginMs;
    partMs = beginMs;
    digest.reset();
    return mark;
  }

  /** When the last frame ends, if it is as long as the one before. */
  private long lastEndMs() {
    long endMs = Math.max(pictures.nextMs(), partMs + 1);
    if (sound.seen()) {
      endMs = Math.max(endMs, soundMs(sound.nextMs()));
    }
    return Math.min(endMs, latestMs());
  }

  /**
   * Ends a part.
   *
   * @param at where a segment begins; null = one goes on
   */
  private SegmentMark cut(long cutMs, @Nullable Place at, boolean hard, boolean independent) {
    targets.partWas(cutMs - partMs);
    boolean soundGoesBack = false;
    if (at != null) {
      targets.segmentWas(cutMs - segmentMs);
      boolean noPictures = muxed.video() == null;
      targets.learn(
          (noPictures ? sound : pictures).longestGapMs(), !noPictures && muxed.audio() != null);
      if (shared != null) {
        shared.learnt(targets.targetMs(), targets.partTargetMs());
      }
      msn = at.msn();
      part = 0;
      segmentMs = cutMs;
      hardCut = hard;
      AudioGrid on = grid;
      if (on != null) {
        // Of a rendition that is seen before, as it may not break off where others go on.
        soundGoesBack = drift.correct(on) && shared == null;
        discontinuity += soundGoesBack ? 1 : 0;
      }
    } else {
      part++;
    }
    SegmentMark mark =
        mark(cutMs, msn, part, discontinuity, independent, soundGoesBack, false, cutMs);
    partMs = cutMs;
    digest.reset();
    return mark;
  }

  private SegmentMark mark(
      long timeMs,
      long ofMsn,
      int ofPart,
      long ofDiscontinuity,
      boolean independent,
      boolean discontinuous,
      boolean endsStretch,
      long endMs) {
    boolean ends = endMs != SegmentMark.NOTHING_ENDS;
    AudioGrid on = grid;
    return new SegmentMark(
        incarnation,
        wallZeroMs,
        timeMs,
        ofMsn,
        ofPart,
        ofDiscontinuity,
        independent,
        discontinuous,
        endsStretch,
        targets.targetMs(),
        targets.partTargetMs(),
        on == null ? SegmentMark.NO_AUDIO : on.next(),
        muxed.config(),
        endMs,
        ends ? digest.tags() : 0,
        ends ? digest.value() : 0);
  }
}
