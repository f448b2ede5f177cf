package dev.sluice.media.live;

import dev.sluice.media.live.fanout.Viewer;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who asks for streams that are not there, by stream: viewers who wait, and those who want one
 * without a viewer.
 *
 * <p>Threading: thread-safe; viewers come and go on any loop. The lists in the maps are immutable.
 */
final class StreamDemand {
  private final ConcurrentHashMap<StreamKey, List<Viewer>> waiting = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<StreamKey, List<StreamWant>> wants = new ConcurrentHashMap<>();

  /** Viewers who wait for a stream, and those who want it without a viewer. */
  int count(StreamKey key) {
    return waiting.getOrDefault(key, List.of()).size() + wants.getOrDefault(key, List.of()).size();
  }

  /**
   * Has a viewer wait. Called on its loop.
   *
   * @param tooLate run on its loop when the wait is over, unless the viewer is woken or leaves
   */
  void await(StreamKey key, Viewer viewer, long waitMs, Runnable tooLate) {
    viewer.stopWaiting();
    waiting.merge(key, List.of(viewer), StreamDemand::joined);
    Future<?> timeout = viewer.loop().schedule(tooLate, waitMs, TimeUnit.MILLISECONDS);
    viewer.waits(timeout, () -> waiting.computeIfPresent(key, (k, all) -> without(viewer, all)));
  }

  /** Has all who wait for a stream do something, each on its loop, and wait no longer. */
  void wake(StreamKey key, Consumer<Viewer> action) {
    List<Viewer> all = waiting.remove(key);
    for (Viewer viewer : all == null ? List.<Viewer>of() : all) {
      try {
        viewer.loop().execute(() -> action.accept(viewer));
      } catch (RejectedExecutionException e) {
        // Its loop is shut down, and the connection with it.
      }
    }
  }

  void add(StreamWant want) {
    wants.merge(want.key(), List.of(want), StreamDemand::joined);
  }

  void remove(StreamWant want) {
    wants.computeIfPresent(want.key(), (k, all) -> without(want, all));
  }

  /** Tells those who want a stream without a viewer that it will not come. */
  void refuseWants(StreamKey key, EndReason reason) {
    for (StreamWant want : wants.getOrDefault(key, List.of())) {
      want.refused(reason);
    }
  }

  private static <T> List<T> joined(List<T> some, List<T> more) {
    return Stream.concat(some.stream(), more.stream()).toList();
  }

  private static <T> @Nullable List<T> without(T one, List<T> all) {
    List<T> left = all.stream().filter(each -> !each.equals(one)).toList();
    return left.isEmpty() ? null : left;
  }
}
