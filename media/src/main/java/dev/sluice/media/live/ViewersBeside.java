package dev.sluice.media.live;

import dev.sluice.media.stream.StreamKey;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToIntFunction;

/**
 * Viewers who get a hub's streams by other means than the hub, as those of HLS do.
 *
 * <p>Threading: any thread.
 */
public final class ViewersBeside {
  private final Map<String, ToIntFunction<StreamKey>> counts = new ConcurrentHashMap<>();

  /** Nobody is counted. */
  ViewersBeside() {}

  /**
   * Has viewers counted.
   *
   * @param protocol the word for what they speak
   * @param count of a stream, from any thread
   */
  public void count(String protocol, ToIntFunction<StreamKey> count) {
    counts.put(protocol, count);
  }

  /** What is told of a stream, with them. */
  StreamStats stats(LiveStream stream) {
    StreamStats stats = stream.stats();
    for (Map.Entry<String, ToIntFunction<StreamKey>> each : counts.entrySet()) {
      stats = stats.with(each.getKey(), each.getValue().applyAsInt(stream.key()));
    }
    return stats;
  }
}
