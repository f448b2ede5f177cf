package dev.sluice.lab.hls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one player of a live stream got and when it could get it, so that another server can give
 * the same to the same requests: as files, playlists under names of their own, compressed as they
 * came, and a {@link Schedule}.
 *
 * <p>A server that has only files holds no request back. So a playlist's time is that of its
 * answer, and that of anything else is that of its request.
 *
 * <p>Threading: confined to its player's loop until it is written.
 */
final class Recording {
  private static final int MOST_BYTES = 512 << 20;

  private final Map<String, byte[]> bodies = new HashMap<>();
  private final List<Got> got = new ArrayList<>();
  private double holdBackMs;
  private long bytes;
  private boolean begun;

  private record Got(boolean list, String target, long nanos, long bytes) {}

  /** What comes from now on is recorded, from a playlist on. */
  void begin(double playersHoldBackMs) {
    begun = true;
    holdBackMs = playersHoldBackMs;
  }

  /** Something came. Times on one clock. */
  void took(boolean list, String target, long askedNanos, long cameNanos, byte[] body) {
    if (!begun || (got.isEmpty() && !list)) {
      return;
    }
    bytes += body.length;
    if (bytes > MOST_BYTES) {
      throw new IllegalArgumentException("recording: over 512 MiB (expected: a shorter window)");
    }
    String path = path(target);
    String name = list ? path.replace(".m3u8", "-" + got.size() + ".m3u8") : path;
    bodies.putIfAbsent(name, body);
    got.add(new Got(list, name, list ? cameNanos : askedNanos, body.length));
  }

  private static String path(String target) {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  /**
   * From the first playlist to before the last.
   *
   * @throws IllegalArgumentException when there are no two
   */
  Schedule schedule() {
    int last = got.size() - 1;
    while (last > 0 && !got.get(last).list()) {
      last--;
    }
    if (last < 1) {
      throw new IllegalArgumentException(
          "recording: less than two playlists (expected: a longer window, and a player that plays)");
    }
    long start = got.getFirst().nanos();
    return new Schedule(
        (got.get(last).nanos() - start) / Player.NANOS_PER_MS,
        holdBackMs,
        got.subList(0, last).stream()
            .map(
                one ->
                    new Schedule.Entry(
                        (one.nanos() - start) / Player.NANOS_PER_MS,
                        one.target(),
                        one.bytes(),
                        one.list()))
            .toList());
  }

  /** Writes files and schedule into a directory, which is made. */
  void write(Path directory) throws IOException {
    Schedule schedule = schedule();
    for (Map.Entry<String, byte[]> body : bodies.entrySet()) {
      Path file = directory.resolve(body.getKey().substring(1)).normalize();
      if (!file.startsWith(directory.normalize())) {
        throw new IOException("recording: " + body.getKey() + " (expected: a path below the root)");
      }
      Files.createDirectories(file.getParent());
      Files.write(file, body.getValue());
    }
    Files.writeString(directory.resolve(Schedule.FILE), schedule.text());
  }
}
