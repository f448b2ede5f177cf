package dev.sluice.media.vod;

import dev.sluice.media.flv.FlvTag;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where an FLV file does not go on as it began: from there on it has another configuration of a
 * codec, or its clock has jumped. Most files have no such place.
 *
 * <p>Threading: filled by a {@link KeyframeScan}, then immutable.
 */
public final class FileBreaks {
  /** More are no film's. */
  private static final int MOST = 1024;

  /** Of all configurations, as each is kept with the plan. */
  private static final int MOST_BYTES = 4 << 20;

  /**
   * Headers in force.
   *
   * @param video null without pictures
   * @param audio null without sound
   */
  record Config(@Nullable FlvTag video, @Nullable FlvTag audio) {
    private boolean has(@Nullable FlvTag header, boolean picture) {
      FlvTag own = picture ? video : audio;
      if (header == null || own == null) {
        return header == null && own == null;
      }
      return own.payload().equals(header.payload());
    }

    boolean same(Config other) {
      return has(other.video, true) && has(other.audio, false);
    }

    Config with(FlvTag header) {
      return header.video() ? new Config(header, audio) : new Config(video, header);
    }
  }

  /** From a position on, times of the tracks are moved by so much. */
  private record Moved(long position, long videoMs, long audioMs) {}

  private final List<Config> configs = new ArrayList<>();
  private final List<Moved> moved = new ArrayList<>();
  private int bytes;
  private boolean tooMany;

  /** None: all of the file is as it began. */
  FileBreaks(FlvOpening file) {
    configs.add(new Config(file.pictureConfig(), file.soundConfig()));
  }

  /** Configurations of the file, that of its opening first. */
  List<Config> configs() {
    return configs;
  }

  /** The number of a configuration, a new one if there is none like it. */
  int number(Config config) {
    for (int i = 0; i < configs.size(); i++) {
      if (configs.get(i).same(config)) {
        return i;
      }
    }
    bytes += bytes(config.video()) + bytes(config.audio());
    tooMany |= configs.size() == MOST || bytes > MOST_BYTES;
    if (!tooMany) {
      configs.add(config);
    }
    return configs.size() - 1;
  }

  private static int bytes(@Nullable FlvTag header) {
    return header == null ? 0 : header.payloadBytes();
  }

  /** From a position on the clock's shifts are in force. */
  void moved(long position, StoredClock clock) {
    tooMany |= moved.size() == MOST;
    if (!tooMany) {
      moved.add(new Moved(position, clock.shift(true), clock.shift(false)));
    }
  }

  /** Whether there are more than a file may have. */
  boolean tooMany() {
    return tooMany;
  }

  /** What is added to the time of the tag at a position, in milliseconds. */
  long shift(boolean video, long position) {
    int from = 0;
    int to = moved.size();
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (moved.get(middle).position() <= position) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    if (from == 0) {
      return 0;
    }
    Moved last = moved.get(from - 1);
    return video ? last.videoMs() : last.audioMs();
  }

  /** What it has in memory, about. */
  public long heldBytes() {
    return bytes + 200L * configs.size() + 40L * moved.size();
  }
}
