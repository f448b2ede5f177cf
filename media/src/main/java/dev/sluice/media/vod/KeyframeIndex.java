package dev.sluice.media.vod;

import dev.sluice.media.amf.AmfValue;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The keyframes that a file's onMetaData names: {@code keyframes { filepositions, times }}, which
 * recordings have and many tools write. It is believed only after a look at the place itself.
 * Immutable.
 */
final class KeyframeIndex {
  private final long[] positions;
  private final long[] timesMs;

  /** Of keyframes in order; keeps the arrays. */
  KeyframeIndex(long[] positions, long[] timesMs) {
    this.positions = positions;
    this.timesMs = timesMs;
  }

  /** Null when the metadata has none, or one that is not in order. */
  static @Nullable KeyframeIndex of(Map<String, AmfValue> metadata) {
    AmfValue keyframes = metadata.get("keyframes");
    if (keyframes == null) {
      return null;
    }
    List<AmfValue> positions = elements(keyframes.asProperties().get("filepositions"));
    List<AmfValue> times = elements(keyframes.asProperties().get("times"));
    int count = Math.min(positions.size(), times.size());
    if (count == 0) {
      return null;
    }
    long[] at = new long[count];
    long[] when = new long[count];
    for (int i = 0; i < count; i++) {
      at[i] = (long) positions.get(i).asNumber(-1);
      when[i] = Math.round(times.get(i).asNumber(-1) * 1000);
      boolean ordered = i == 0 || (at[i] >= at[i - 1] && when[i] >= when[i - 1]);
      if (at[i] < 0 || when[i] < 0 || !ordered) {
        return null;
      }
    }
    return new KeyframeIndex(at, when);
  }

  private static List<AmfValue> elements(@Nullable AmfValue array) {
    return array instanceof AmfValue.StrictArray(List<AmfValue> elements) ? elements : List.of();
  }

  /** Position of the last keyframe at or before a time; -1 when all are later. */
  long before(long timeMs) {
    int found = floor(timesMs, timeMs);
    return found < 0 ? -1 : positions[found];
  }

  /** Position of the last keyframe at or before a position; -1 when all are behind it. */
  long beforePosition(long position) {
    int found = floor(positions, position);
    return found < 0 ? -1 : positions[found];
  }

  int size() {
    return positions.length;
  }

  long position(int number) {
    return positions[number];
  }

  long timeMs(int number) {
    return timesMs[number];
  }

  private static int floor(long[] values, long wanted) {
    int found = Arrays.binarySearch(values, wanted);
    return found >= 0 ? found : -found - 2;
  }
}
