package dev.sluice.media.hls.live;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.lifecycle.Service;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.live.StreamWant;
import dev.sluice.media.live.fanout.StreamListener;
import dev.sluice.media.rendition.RenditionGroups;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams of a hub as HLS: follows each, and makes segments of those that are asked for. A
 * request wants its stream ({@link LiveHub#want}), so that an edge pulls it; the want is given up
 * when nobody has asked for a while.
 *
 * <p>Threading: any thread. The map's compute methods make finding, wanting and forgetting one step
 * each.
 */
public final class HlsStreams implements StreamListener, Service {
  private static final Logger log = LoggerFactory.getLogger(HlsStreams.class);
  private static final String HLS = "hls";
  private static final long SWEEP_MS = 1000;
  private static final int MOST_AWAITED = 10_000;
  private static final long AWAITED_NANOS = 30_000_000_000L;
  private static final long ROOM_EVERY_NANOS = 100_000_000L;

  private final LiveHub hub;
  private final EventLoops loops;
  private final HlsContext context;
  private final ConcurrentHashMap<StreamKey, HlsStream> streams = new ConcurrentHashMap<>();
  private final AtomicLong roomMadeNanos;
  private @Nullable Future<?> sweep;

  /**
   * Follows nothing before it is added to the hub's listeners.
   *
   * @param upstream whom to ask for what is not here; null = nobody
   */
  public HlsStreams(
      HlsConfig config,
      LiveHub hub,
      EventLoops loops,
      @Nullable HlsUpstream upstream,
      Meters meters) {
    this(
        hub, loops, new HlsContext(config, Fmp4Muxer.INSTANCE, upstream, meters, System::nanoTime));
  }

  HlsStreams(LiveHub hub, EventLoops loops, HlsContext context) {
    this.hub = hub;
    this.loops = loops;
    this.context = context;
    this.roomMadeNanos = new AtomicLong(context.nanoTime() - ROOM_EVERY_NANOS);
    context.meters().gauge(HlsMeters.STREAMS, this::wanted);
    context.meters().gauge(HlsMeters.WAITING, this::waiting);
    context.meters().gauge(HlsMeters.VIEWERS, this::viewers);
    hub.beside().count(HLS, this::viewers);
  }

  /** The streams of a group of renditions here; none at an edge. */
  List<RenditionGroups.Member> renditions(StreamKey group) {
    return hub.renditions().of(group);
  }

  /** Has segments kept when they have left memory; call before the hub has streams. */
  public void keepIn(HlsArchive archive) {
    context.keepIn(archive, hub.dates()::tell);
  }

  /** The stream as it is here, without wanting it; null when it is not. */
  @Nullable HlsStream there(StreamKey key) {
    return streams.get(key);
  }

  HlsContext context() {
    return context;
  }

  private int wanted() {
    int count = 0;
    for (HlsStream stream : streams.values()) {
      count += stream.isWanted() && stream.isLive() ? 1 : 0;
    }
    return count;
  }

  /** Who watches by HLS now. Any thread. */
  public int viewers() {
    int count = 0;
    for (HlsStream stream : streams.values()) {
      count += watching(stream);
    }
    return count;
  }

  /** Who watches a stream by HLS now. Any thread. */
  public int viewers(StreamKey key) {
    HlsStream stream = streams.get(key);
    return stream == null ? 0 : watching(stream);
  }

  /** Who asks for what is not there is no viewer. */
  private static int watching(HlsStream stream) {
    return stream.isLive() ? stream.viewers().count() : 0;
  }

  /**
   * The newest keyframe of a stream as an MP4 of one picture, not to be changed. Nothing is asked
   * for, and nothing waits. Any thread.
   *
   * @return null when there is none
   */
  public byte @Nullable [] thumbnail(StreamKey key) {
    HlsStream stream = streams.get(key);
    KeptKeyframe newest = stream == null ? null : stream.keyframe();
    return newest == null ? null : newest.mp4(context.muxer());
  }

  /**
   * Viewers who have a session.
   *
   * @param stream those of one stream, {@code app/name}; null = of all
   * @param session those of one session; null = of all
   */
  List<HlsViewersApi.Told> sessions(@Nullable String stream, @Nullable String session, int limit) {
    List<HlsViewersApi.Told> told = new ArrayList<>();
    for (HlsStream each : streams.values()) {
      String key = each.key().toString();
      if (stream != null && !stream.equals(key)) {
        continue;
      }
      for (HlsViewers.Seen viewer : each.viewers().all()) {
        boolean picked = session == null || session.equals(viewer.session());
        if (picked && !viewer.session().isEmpty() && told.size() < limit) {
          long idleMs = (context.nanoTime() - viewer.atNanos()) / 1_000_000;
          told.add(
              new HlsViewersApi.Told(viewer.session(), key, viewer.address(), Math.max(0, idleMs)));
        }
      }
    }
    return told;
  }

  private int waiting() {
    int count = 0;
    for (HlsStream stream : streams.values()) {
      count += stream.waiting();
    }
    return count;
  }

  @Override
  public Sink opened(StreamKey key, PublisherInfo publisher) {
    StreamFollower[] follower = new StreamFollower[1];
    streams.compute(
        key,
        (k, there) -> {
          HlsStream stream = there == null ? new HlsStream(k, context) : there;
          follower[0] = stream.follow();
          return stream;
        });
    return follower[0];
  }

  /**
   * The stream that is asked for, which is wanted from now on.
   *
   * @return null when there is none and none can come, or too many are asked for
   */
  @Nullable HlsStream request(StreamKey key) {
    if (streams.size() >= MOST_AWAITED && !streams.containsKey(key)) {
      makeRoom();
    }
    return streams.compute(
        key,
        (k, there) -> {
          HlsStream stream = there;
          if (stream == null) {
            if (context.upstream() == null || streams.size() >= MOST_AWAITED) {
              return null;
            }
            stream = new HlsStream(k, context);
          }
          stream.touch();
          want(stream);
          return stream;
        });
  }

  /**
   * Tells that a stream is not there; one who tries many names is told later each time, as over
   * other protocols. Edges, which say so, are told at once: they slow their own viewers.
   *
   * @param reason null when it was never there
   */
  void absent(HttpExchange exchange, StreamKey key, @Nullable EndReason reason) {
    Problem problem = HlsAnswers.absent(key, reason);
    boolean guess = problem.status() == 404 && exchange.header("CDN-Loop") == null;
    long delayMs = guess ? hub.refusals().missed(exchange.client(), key.toString()).delayMs() : 0;
    if (delayMs == 0) {
      exchange.problem(problem);
    } else {
      exchange.loop().schedule(() -> exchange.problem(problem), delayMs, TimeUnit.MILLISECONDS);
    }
  }

  private void want(HlsStream stream) {
    StreamWant want = stream.want();
    if (want == null) {
      stream.awaited();
      stream.want(hub.want(stream.key(), stream::refused));
    } else if (!stream.isLive() && stream.standing().phase() == HlsStream.Phase.ABSENT) {
      stream.awaited();
      want.ask();
    }
  }

  /** Who asks for names that are not there must not keep others out: such names go at once. */
  private void makeRoom() {
    long now = context.nanoTime();
    long last = roomMadeNanos.get();
    if (now - last >= ROOM_EVERY_NANOS && roomMadeNanos.compareAndSet(last, now)) {
      for (StreamKey key : streams.keySet()) {
        streams.computeIfPresent(key, (k, stream) -> stream.isInVain() ? forget(stream) : stream);
      }
    }
  }

  /** Gives up what nobody asks for any more; done each second from {@link #start} on. */
  void sweep() {
    for (StreamKey key : streams.keySet()) {
      try {
        streams.computeIfPresent(key, (k, stream) -> isKept(stream) ? stream : null);
      } catch (RuntimeException e) { // which would be the end of all sweeps
        log.error("hls sweep failed stream={}", key, e);
      }
    }
  }

  private boolean isKept(HlsStream stream) {
    stream.forgetViewers();
    StreamWant want = stream.want();
    if (want != null && stream.idleNanos() >= context.config().idle().toNanos()) {
      stream.want(null);
      want.close();
    }
    if (stream.isLive()) {
      return true;
    }
    boolean ended = stream.standing().phase() == HlsStream.Phase.ENDED;
    long most = ended ? context.config().linger().toNanos() : AWAITED_NANOS;
    if (stream.overNanos() < most || (!ended && stream.waiting() > 0)) {
      return true;
    }
    forget(stream);
    return false;
  }

  private static @Nullable HlsStream forget(HlsStream stream) {
    StreamWant want = stream.want();
    if (want != null) {
      stream.want(null);
      want.close();
    }
    stream.release(EndReason.NOT_FOUND);
    return null;
  }

  @Override
  public void start() {
    sweep =
        loops.next().scheduleAtFixedRate(this::sweep, SWEEP_MS, SWEEP_MS, TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    if (sweep != null) {
      sweep.cancel(false);
    }
    for (HlsStream stream : streams.values()) {
      StreamWant want = stream.want();
      if (want != null) {
        want.close();
      }
      stream.release(EndReason.SHUTDOWN);
    }
  }
}
