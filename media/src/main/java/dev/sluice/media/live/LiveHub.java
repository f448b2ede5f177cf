package dev.sluice.media.live;

import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.access.PublishRefused;
import dev.sluice.media.access.StreamBans;
import dev.sluice.media.live.fanout.StreamListener;
import dev.sluice.media.live.fanout.Viewer;
import dev.sluice.media.live.fanout.ViewerStats;
import dev.sluice.media.rendition.RenditionGroups;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import io.netty.channel.EventLoop;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The live streams of one server: publishers and viewers meet here by {@link StreamKey}.
 *
 * <p>A viewer of a stream that is not there waits: on an edge the {@link StreamSource} is asked, at
 * an origin a publisher may still come within {@link LiveConfig#joinWait}: {@link ViewerAdmission}.
 *
 * <p>Threading: thread-safe. Two concurrent maps, as publishers and viewers come on any loop; their
 * compute methods make finding and creating one step. Nothing here is touched per tag.
 */
public final class LiveHub implements AutoCloseable {
  private final LiveContext context;
  private final LiveCounters counters;
  private final ConcurrentHashMap<StreamKey, LiveStream> streams = new ConcurrentHashMap<>();
  private final List<StreamListener> listeners = new CopyOnWriteArrayList<>();
  private final Meters meters;
  private final StreamBans bans = new StreamBans();
  private final LiveRefusals refusals;
  private final ViewersBeside beside = new ViewersBeside();
  private final ViewerAdmission admission;
  private final StreamDates dates = new StreamDates(streams::get);

  /** A hub on the system's clock. */
  public LiveHub(LiveConfig config, Meters meters) {
    this(config, meters, System::nanoTime, System::currentTimeMillis);
  }

  /**
   * A hub without streams.
   *
   * @param nanoClock monotonic nanoseconds
   * @param wallClock milliseconds since the Unix epoch
   */
  public LiveHub(LiveConfig config, Meters meters, LongSupplier nanoClock, LongSupplier wallClock) {
    this.meters = meters;
    this.counters = new LiveCounters(meters);
    this.refusals = new LiveRefusals(meters, nanoClock);
    this.context = new LiveContext(config, counters, nanoClock, wallClock);
    this.admission = new ViewerAdmission(streams::get, config, refusals);
    meters.gauge(LiveMeters.STREAMS, streams::size);
    meters.counter(LiveMeters.TAKEOVERS);
  }

  /** Where streams come from that nobody publishes here; set before serving. */
  public void source(StreamSource from) {
    admission.source(from);
  }

  /** Groups of streams that are renditions of one picture. Any thread. */
  public RenditionGroups renditions() {
    return context.renditions();
  }

  /** Adds one who is told of every stream from now on. */
  public void listen(StreamListener listener) {
    listeners.add(listener);
  }

  /** Publishes a stream like the other method, for one from whom nobody takes over. */
  public Publication publish(StreamKey key, PublisherInfo publisher, EventLoop owner)
      throws PublishRefused {
    return publish(key, publisher, null, why -> {}, owner);
  }

  /**
   * Publishes a stream, or takes over one that is held without a publisher, or whose publisher
   * showed the same credential and has fallen silent.
   *
   * @param credential what let the publisher in, or null: then nobody takes over from it
   * @param onDisplaced told on {@code owner} why, when another one takes over or an operator ends
   *     it; the publication is closed then
   * @param owner the publisher's loop; called on it
   * @throws PublishRefused when another publisher has it
   */
  public Publication publish(
      StreamKey key,
      PublisherInfo publisher,
      @Nullable String credential,
      Consumer<EndReason> onDisplaced,
      EventLoop owner)
      throws PublishRefused {
    assert owner.inEventLoop();
    if (publisher.kind() == PublisherInfo.Kind.ENCODER) {
      bans.check(key, context.nanoTime());
    }
    AtomicBoolean made = new AtomicBoolean();
    Publication[] granted = new Publication[1];
    streams.compute(
        key,
        (k, there) -> {
          LiveStream stream = there;
          if (stream == null || stream.slot().over()) {
            stream =
                new LiveStream(
                    k, publisher.kind(), owner, context, this::over, admission::viewerLeft);
            made.set(true);
          }
          Publication publication =
              new Publication(stream, publisher, credential, onDisplaced, owner, context);
          switch (stream.slot().take(publication, context.nanoTime())) {
            case TAKEN -> granted[0] = publication;
            case TAKEN_OVER -> {
              granted[0] = publication;
              meters.counter(LiveMeters.TAKEOVERS).increment();
            }
            case REFUSED -> {}
          }
          return stream;
        });
    Publication publication = granted[0];
    if (publication == null) {
      throw new PublishRefused(
          PublishRefused.Reason.BUSY,
          "stream "
              + key
              + " has a publisher that is sending; stop that one first or use another name");
    }
    counters.publisherJoined(publisher.kind());
    LiveStream stream = publication.stream();
    if (made.get()) {
      tellListeners(stream, publisher);
    } else {
      stream.takeOver();
    }
    admission.admitWaiting(key);
    return publication;
  }

  /** Those who do not get in. */
  public LiveRefusals refusals() {
    return refusals;
  }

  /** Gives a stream to a viewer, at once or when it comes. Called on the viewer's loop. */
  public void subscribe(StreamKey key, Viewer viewer) {
    admission.subscribe(key, viewer);
  }

  /**
   * Wants a stream without a viewer: it is asked for now, and counts as demand until the want is
   * closed. Any thread.
   *
   * @param onRefused told, on any thread, that the stream will not come; it must not block
   */
  public StreamWant want(StreamKey key, Consumer<EndReason> onRefused) {
    return admission.want(key, onRefused);
  }

  /** Why a request that came by way of other nodes would lead in a circle, or empty. Any thread. */
  public String detectLoop(StreamKey key, List<String> via) {
    return admission.detectLoop(key, via);
  }

  // ---- what an operator does

  /** Names that may not be published for a while. */
  public StreamBans bans() {
    return bans;
  }

  /** The time that bans are given in. */
  public long nanoTime() {
    return context.nanoTime();
  }

  /**
   * Ends a stream as if its publisher had, and the publisher's connection. Any thread.
   *
   * @return whether there was one
   */
  public boolean kick(StreamKey key) {
    LiveStream stream = streams.get(key);
    if (stream == null || stream.slot().over()) {
      return false;
    }
    stream.kick();
    return true;
  }

  /**
   * Ends a viewer. Any thread.
   *
   * @param id see {@link ViewerStats}
   * @return where it connects from; null when there is no such viewer
   */
  public @Nullable String kickViewer(long id) {
    Viewer viewer = context.viewer(id);
    if (viewer == null) {
      return null;
    }
    try {
      viewer.loop().execute(() -> viewer.end(EndReason.KICKED));
    } catch (RejectedExecutionException e) {
      return null; // its loop is shut down, and the connection with it
    }
    return viewer.address();
  }

  /** Tells those who wait for a stream, or want it, that it will not come. Any thread. */
  public void refuse(StreamKey key, EndReason reason) {
    admission.refuse(key, reason);
  }

  /** Viewers that have a stream or wait for it, and those who want it without a viewer. */
  public int demand(StreamKey key) {
    return admission.demand(key);
  }

  /** Those who watch by other means. */
  public ViewersBeside beside() {
    return beside;
  }

  /** Every stream held. */
  public Collection<StreamStats> streams() {
    return streams.values().stream().map(beside::stats).toList();
  }

  /** One stream, or null. */
  public @Nullable StreamStats stream(StreamKey key) {
    LiveStream stream = streams.get(key);
    return stream == null ? null : beside.stats(stream);
  }

  /** When pictures were at the origin, and what is told of spans of time. */
  public StreamDates dates() {
    return dates;
  }

  /**
   * The viewers of a stream, those furthest behind first.
   *
   * @param limit most that are told of; all are looked at
   * @return completed on any thread; empty when there is no such stream
   */
  public CompletableFuture<List<ViewerStats>> viewers(StreamKey key, int limit) {
    LiveStream stream = streams.get(key);
    return stream == null
        ? CompletableFuture.completedFuture(List.of())
        : stream.viewers().thenApply(all -> all.subList(0, Math.min(limit, all.size())));
  }

  /** Viewers that have a stream. */
  public int viewers() {
    return counters.viewers();
  }

  /** Media bytes handed to viewers' sockets so far. */
  public long bytesSent() {
    return counters.bytesSent();
  }

  /** Ends every stream, held ones too; call when connections are closed, before the loops are. */
  @Override
  public void close() {
    streams.values().forEach(LiveStream::shutDown);
  }

  public LiveConfig config() {
    return context.config();
  }

  private void tellListeners(LiveStream stream, PublisherInfo publisher) {
    for (StreamListener listener : listeners) {
      StreamListener.Sink sink = listener.opened(stream.key(), publisher);
      if (sink != null) {
        stream.listen(sink);
      }
    }
  }

  private void over(LiveStream stream) {
    streams.remove(stream.key(), stream);
  }
}
