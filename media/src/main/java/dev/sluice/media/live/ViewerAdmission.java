package dev.sluice.media.live;

import dev.sluice.chassis.auth.RefusalPace;
import dev.sluice.media.live.fanout.Viewer;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Brings viewers to the streams of a hub: at once, or when the stream comes. A stream that is not
 * there is asked for at the {@link StreamSource}, if there is one; who waits in vain is told so.
 *
 * <p>Threading: thread-safe; viewers come and go on any loop.
 */
final class ViewerAdmission {
  /** A source answers before this; the wait only guards against one that does not. */
  private static final long SOURCE_ANSWERS_MS = 20_000;

  private final Function<StreamKey, @Nullable LiveStream> streams;
  private final LiveConfig config;
  private final LiveRefusals refusals;
  private final StreamDemand demand = new StreamDemand();
  private volatile @Nullable StreamSource source;

  /**
   * Nobody waits yet.
   *
   * @param streams finds the stream of a key, which may be over; null when there is none
   */
  ViewerAdmission(
      Function<StreamKey, @Nullable LiveStream> streams, LiveConfig config, LiveRefusals refusals) {
    this.streams = streams;
    this.config = config;
    this.refusals = refusals;
  }

  /** Where streams come from that nobody publishes here. */
  void source(StreamSource from) {
    source = from;
  }

  /** Gives a stream to a viewer, at once or when it comes. Called on the viewer's loop. */
  void subscribe(StreamKey key, Viewer viewer) {
    assert viewer.loop().inEventLoop();
    if (viewer.over()) {
      return;
    }
    LiveStream stream = streams.apply(key);
    if (stream == null || !stream.join(viewer)) {
      await(key, viewer);
    }
  }

  private void await(StreamKey key, Viewer viewer) {
    StreamSource from = source;
    long waitMs = config.joinWait().toMillis();
    if (from != null) {
      waitMs = Math.max(waitMs, SOURCE_ANSWERS_MS);
    }
    if (waitMs == 0) {
      refuseAbsent(key, viewer);
      return;
    }
    demand.await(key, viewer, waitMs, () -> refuseAbsent(key, viewer));
    if (from != null) {
      from.wanted(key);
    }
    LiveStream stream = streams.apply(key);
    if (stream != null && !stream.slot().over()) {
      // It came between the first look and our entry in the list.
      admitWaiting(key);
    }
  }

  /** A stream is there: those who wait for it get it. Any thread. */
  void admitWaiting(StreamKey key) {
    demand.wake(key, viewer -> subscribe(key, viewer));
  }

  /** Tells those who wait for a stream, or want it, that it will not come. Any thread. */
  void refuse(StreamKey key, EndReason reason) {
    demand.refuseWants(key, reason);
    demand.wake(
        key,
        viewer -> {
          if (viewer.over()) {
            return;
          }
          if (reason == EndReason.NOT_FOUND) {
            refuseAbsent(key, viewer);
          } else {
            refusals.viewer(reason);
            viewer.end(reason);
          }
        });
  }

  /**
   * Tells a viewer that there is no such stream; later if it tries many names, and not if the
   * stream has come by then. Nodes are told at once: they ask for others, whom they slow.
   */
  private void refuseAbsent(StreamKey key, Viewer viewer) {
    refusals.misnamed();
    RefusalPace.Step step = refusals.missed(viewer.inetAddress(), key.toString());
    if (step.delayMs() == 0 || viewer.relay()) {
      viewer.refuse(EndReason.NOT_FOUND, step);
      return;
    }
    viewer.stopWaiting();
    Runnable answer =
        () -> {
          LiveStream stream = streams.apply(key);
          if (!viewer.over() && (stream == null || !stream.join(viewer))) {
            viewer.refuse(EndReason.NOT_FOUND, step);
          }
        };
    viewer.waits(viewer.loop().schedule(answer, step.delayMs(), TimeUnit.MILLISECONDS), () -> {});
  }

  /** See {@link LiveHub#want}. */
  StreamWant want(StreamKey key, Consumer<EndReason> onRefused) {
    StreamWant want = new StreamWant(key, this::askSource, this::wantedNoMore, onRefused);
    demand.add(want);
    want.ask();
    return want;
  }

  /** Has the source asked for a stream that is wanted and not there. */
  private void askSource(StreamKey key) {
    StreamSource from = source;
    LiveStream stream = streams.apply(key);
    if (from != null && (stream == null || stream.slot().over())) {
      from.wanted(key);
    }
  }

  private void wantedNoMore(StreamWant want) {
    demand.remove(want);
    viewerLeft(want.key());
  }

  /** The last viewer of a stream may have left. */
  void viewerLeft(StreamKey key) {
    StreamSource from = source;
    if (from != null && demand(key) == 0) {
      from.unwanted(key);
    }
  }

  /** Viewers that have a stream or wait for it, and those who want it without a viewer. */
  int demand(StreamKey key) {
    LiveStream stream = streams.apply(key);
    return (stream == null ? 0 : stream.numbers().viewers()) + demand.count(key);
  }

  /** See {@link LiveHub#detectLoop}. */
  String detectLoop(StreamKey key, List<String> via) {
    StreamSource from = source;
    return from == null ? "" : from.detectLoop(key, via);
  }
}
