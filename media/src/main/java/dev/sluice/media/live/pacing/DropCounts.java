package dev.sluice.media.live.pacing;

import java.util.LinkedHashMap;
import java.util.Map;

/** Frames left out for one viewer, by reason. Confined to the viewer's event loop. */
public final class DropCounts {
  private int disposable;
  private int lag;
  private int audioOnly;
  private int expired;

  public void add(DropReason reason, int frames) {
    switch (reason) {
      case DISPOSABLE -> disposable += frames;
      case LAG -> lag += frames;
      case AUDIO_ONLY -> audioOnly += frames;
      case EXPIRED -> expired += frames;
    }
  }

  int of(DropReason reason) {
    return switch (reason) {
      case DISPOSABLE -> disposable;
      case LAG -> lag;
      case AUDIO_ONLY -> audioOnly;
      case EXPIRED -> expired;
    };
  }

  public long sum() {
    return (long) disposable + lag + audioOnly + expired;
  }

  /** By the reason's word. */
  public Map<String, Integer> byWord() {
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (DropReason reason : DropReason.values()) {
      counts.put(reason.word(), of(reason));
    }
    return counts;
  }
}
