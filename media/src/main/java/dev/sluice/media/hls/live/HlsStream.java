package dev.sluice.media.hls.live;

import dev.sluice.media.hls.HlsContainer;
import dev.sluice.media.hls.HlsPath;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.live.StreamWant;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One name under which HLS is served: what there is of the stream now, whether anybody wants it,
 * and who waits for what comes next. It outlives publishers and relay connections.
 *
 * <p>Threading: any thread. What there is stands in an atomic reference and in volatile fields: the
 * follower on the stream's loop writes them, requests on all loops read them.
 */
final class HlsStream implements Siblings.Listed {
  private static final int MOST_TARGET_SECONDS = 6;

  private final StreamKey key;
  private final HlsContext context;
  private final WaitingRoom room;
  private final HlsViewers viewers = new HlsViewers();
  private final ConcurrentHashMap<EventLoop, LoopWaiters> waiters = new ConcurrentHashMap<>();
  private final AtomicReference<Moment> moment;
  private volatile @Nullable MediaPlaylist listed;
  private volatile long listedRun;
  private volatile @Nullable KeptMedia media;
  private volatile @Nullable KeptMedia before;
  private volatile long mediaSinceNanos;
  private volatile StreamPace.@Nullable Variant measured;
  private final AtomicReference<StreamPace.@Nullable Variant> told = new AtomicReference<>();
  private volatile @Nullable String uncarried;
  private volatile MuxedTracks tracks = MuxedTracks.UNKNOWN;
  private final AtomicReference<@Nullable KeptKeyframe> keyframe = new AtomicReference<>();
  private volatile @Nullable StreamWant want;
  private volatile long lastRequestNanos;
  private volatile boolean released;

  /** How it stands with the stream. */
  enum Phase {
    /** It was asked for. */
    AWAITED,
    /** It is there. */
    LIVE,
    /** It came to its end. */
    ENDED,
    /** It is not there, or was lost. */
    ABSENT
  }

  /**
   * How it stands with the stream.
   *
   * @param reason why it is not there; null while it is
   */
  record Standing(Phase phase, @Nullable EndReason reason) {
    static final Standing AWAITED = new Standing(Phase.AWAITED, null);
    static final Standing LIVE = new Standing(Phase.LIVE, null);
    static final Standing ENDED = new Standing(Phase.ENDED, null);

    static Standing absent(EndReason reason) {
      return new Standing(Phase.ABSENT, reason);
    }
  }

  /**
   * What there is at a moment, changed as a whole: the end of one publication and the begin of the
   * next are told on two loops, and who looks for what nobody needs any more is on a third.
   *
   * @param follower of the publication at hand; null without one
   * @param state null while there is nothing to list
   * @param endedNanos when there was a publication last, or it was first asked for
   */
  private record Moment(
      @Nullable StreamFollower follower,
      @Nullable HlsState state,
      Standing standing,
      long endedNanos) {
    Moment with(@Nullable HlsState other) {
      return new Moment(follower, other, standing, endedNanos);
    }

    Moment with(Standing other) {
      return new Moment(follower, state, other, endedNanos);
    }
  }

  private interface Change {
    /** What comes after a moment; null = nothing changes. */
    @Nullable Moment of(Moment now);
  }

  /** Nothing is known of it. */
  HlsStream(StreamKey key, HlsContext context) {
    this.key = key;
    this.context = context;
    this.room =
        new WaitingRoom(context.config().maxWaiting(), context.config().maxWaitingPerAddress());
    this.lastRequestNanos = context.nanoTime();
    this.moment =
        new AtomicReference<>(new Moment(null, null, Standing.AWAITED, context.nanoTime()));
  }

  private boolean change(Change to) {
    while (true) {
      Moment now = moment.get();
      Moment next = to.of(now);
      if (next == null) {
        return false;
      }
      if (moment.compareAndSet(now, next)) {
        return true;
      }
    }
  }

  StreamKey key() {
    return key;
  }

  long nanoTime() {
    return context.nanoTime();
  }

  /** What there is to list; null while there is nothing. */
  @Nullable HlsState state() {
    return moment.get().state();
  }

  @Override
  public String name() {
    return key.name();
  }

  @Override
  public @Nullable MediaPlaylist listedNow() {
    HlsState now = state();
    return now == null ? null : now.playlist();
  }

  Standing standing() {
    return moment.get().standing();
  }

  /** What an address names, which the caller owns; null when this server has not made it. */
  @Nullable ByteBuf take(HlsPath path) {
    KeptMedia now = media;
    ByteBuf bytes = now == null ? null : now.take(path);
    KeptMedia old = before;
    return bytes == null && old != null ? old.take(path) : bytes;
  }

  /**
   * What a multivariant playlist says of it; null while it is not known. What was told once stays,
   * as players do not like it to change, until the stream has codecs that were not told.
   */
  StreamPace.@Nullable Variant variant() {
    StreamPace.Variant first = told.get();
    StreamPace.Variant now = measured;
    if (now != null && (first == null || !first.tells(now))) {
      told.compareAndSet(first, now);
      first = told.get();
    }
    return first;
  }

  /** What the newest part was made of; unknown ones while nothing was made here. */
  MuxedTracks tracks() {
    return tracks;
  }

  /** Why there is no HLS of it, as a sentence; null as long as there may be. */
  @Nullable String uncarried() {
    return uncarried;
  }

  /** Why it cannot be had in a container, as sentences; null as long as it may be. */
  @Nullable String refusal(HlsContainer container) {
    String none = uncarried;
    if (none != null) {
      return UncarriedTracks.advice(none, key.name());
    }
    return container == HlsContainer.TS ? tracks.tsRefusal() : null;
  }

  /** Who watches. */
  HlsViewers viewers() {
    return viewers;
  }

  /** Those who asked for nothing for three target durations have left. */
  void forgetViewers() {
    HlsState now = state();
    int target = now == null ? MOST_TARGET_SECONDS : now.playlist().targetSeconds();
    viewers.forget(context.nanoTime() - 3L * target * 1_000_000_000L);
  }

  int waiting() {
    return room.waiting();
  }

  /** What was listed last, of this publication or one before. */
  @Nullable MediaPlaylist listed() {
    return listed;
  }

  // ---- the follower, on the stream's loop

  /** A stream of this name begins. */
  StreamFollower follow() {
    StreamFollower next = new StreamFollower(this, context);
    moment.set(new Moment(next, null, Standing.LIVE, context.nanoTime()));
    show(null);
    measured = null;
    told.set(null);
    tracks = MuxedTracks.UNKNOWN;
    uncarried = null;
    return next;
  }

  /** This is what is kept from now on; players may still ask for what was before, for a while. */
  void keeps(KeptMedia next) {
    KeptMedia old = before;
    before = media;
    media = next;
    mediaSinceNanos = context.nanoTime();
    if (old != null) {
      old.release();
    }
  }

  /** The newest keyframe while it is live; null when there is none. */
  @Nullable KeptKeyframe keyframe() {
    return keyframe.get();
  }

  /** A keyframe came. Takes ownership. */
  void keyframe(StreamFollower by, KeptKeyframe newest) {
    if (moment.get().follower() == by) {
      show(newest);
    } else {
      newest.release(); // of a stream that is over
    }
  }

  private void show(@Nullable KeptKeyframe newest) {
    KeptKeyframe old = keyframe.getAndSet(newest);
    if (old != null) {
      old.release();
    }
  }

  /** Lets go of what nobody should ask for any more. */
  void letGoOfOld() {
    KeptMedia old = before;
    if (old != null && context.nanoTime() - mediaSinceNanos >= context.keepNanos()) {
      before = null;
      old.release();
    }
  }

  /** Nothing is kept any more. */
  void letGo() {
    change(now -> now.with((HlsState) null));
    leaveSiblings();
    KeptMedia now = media;
    KeptMedia old = before;
    media = null;
    before = null;
    if (now != null) {
      now.release();
    }
    if (old != null) {
      old.release();
    }
  }

  /** This is what there is now. */
  void publish(StreamFollower by, MediaPlaylist next, KeptMedia of) {
    long run = next.incarnation();
    HlsState state = HlsState.of(next, of, () -> context.siblings().reports(run, this));
    if (!change(now -> now.follower() == by ? now.with(state) : null)) {
      return;
    }
    if (run != listedRun) {
      leaveSiblings();
      listedRun = run;
      context.siblings().add(run, this);
    }
    listed = next;
    wakeAll();
  }

  private void leaveSiblings() {
    long run = listedRun;
    if (run != 0) {
      listedRun = 0;
      context.siblings().remove(run, this);
    }
  }

  /** What it looks like now. */
  void measured(StreamPace.@Nullable Variant now) {
    if (now != null) {
      measured = now;
    }
  }

  void tracks(MuxedTracks now) {
    tracks = now;
  }

  /** Why there is no HLS of it now; null when there is, or may be. */
  void uncarried(@Nullable String why) {
    boolean wakes = why != null && !why.equals(uncarried);
    uncarried = why;
    if (wakes) {
      wakeAll();
    }
  }

  /**
   * The stream is over.
   *
   * @param last what is listed from now on; null = nothing
   * @param ends whether that is all there ever will be
   */
  void ended(StreamFollower by, @Nullable HlsState last, boolean ends, EndReason reason) {
    long nowNanos = context.nanoTime();
    Standing standing = ends && last != null ? Standing.ENDED : Standing.absent(reason);
    boolean ours =
        change(
            now ->
                now.follower() != by
                    ? null // another has begun
                    : released
                        ? new Moment(null, null, now.standing(), nowNanos)
                        : new Moment(null, last, standing, nowNanos));
    if (!ours) {
      return;
    }
    show(null);
    leaveSiblings();
    if (released) {
      letGo(); // the server stops: nobody sweeps what would linger
    }
    wakeAll();
  }

  // ---- who wants it, any thread

  boolean isWanted() {
    return want != null;
  }

  @Nullable StreamWant want() {
    return want;
  }

  void want(@Nullable StreamWant now) {
    want = now;
  }

  /** Somebody asked for something of it. */
  void touch() {
    lastRequestNanos = context.nanoTime();
  }

  /** Nanoseconds since somebody asked. */
  long idleNanos() {
    return context.nanoTime() - lastRequestNanos;
  }

  /** Nanoseconds since it ended, or was first asked for; 0 while it is live. */
  long overNanos() {
    Moment now = moment.get();
    return now.follower() != null ? 0 : context.nanoTime() - now.endedNanos();
  }

  /** Whether it was asked for and is not there, and nobody waits for it. */
  boolean isInVain() {
    return !isLive() && standing().phase() == Phase.ABSENT && waiting() == 0;
  }

  boolean isLive() {
    return moment.get().follower() != null;
  }

  /** It will not come. */
  void refused(EndReason reason) {
    if (change(
        now ->
            now.follower() == null && now.standing().phase() != Phase.ENDED
                ? now.with(Standing.absent(reason))
                : null)) {
      wakeAll();
    }
  }

  /** It is asked for again. */
  void awaited() {
    change(
        now ->
            now.follower() == null && now.standing().phase() == Phase.ABSENT
                ? now.with(Standing.AWAITED)
                : null);
  }

  /**
   * Lets go of everything; nobody finds it any more.
   *
   * @param why what those are told who wait for it
   */
  void release(EndReason why) {
    released = true;
    change(now -> now.with(Standing.absent(why)));
    if (!isLive()) {
      show(null);
      letGo();
    }
    wakeAll();
  }

  // ---- who waits, on their loops

  /**
   * Answers now or has it wait.
   *
   * @return false when there is no room to wait
   */
  boolean await(Waiter waiter, EventLoop loop, InetAddress address, long mostNanos) {
    Moment now = moment.get();
    if (waiter.look(now.state(), now.standing())) {
      return true;
    }
    if (!room.enter(address)) {
      return false;
    }
    waiters
        .computeIfAbsent(loop, l -> new LoopWaiters(l, this))
        .add(waiter, context.nanoTime() + mostNanos, () -> room.leave(address));
    return true;
  }

  private void wakeAll() {
    for (LoopWaiters each : waiters.values()) {
      each.wake();
    }
  }
}
