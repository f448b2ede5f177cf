package dev.sluice.media.hls.live;

import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.RenditionReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The renditions that this server lists, by their incarnation, which those of a group share: so an
 * edge knows them too, without knowing of groups.
 *
 * <p>Threading: any thread. A concurrent map of immutable sets.
 */
final class Siblings {
  private static final int MOST = 16;

  /** One of them; any thread. */
  interface Listed {
    /** Of the stream, without its application. */
    String name();

    /** What it lists now; null = nothing yet. */
    @Nullable MediaPlaylist listedNow();
  }

  private final ConcurrentHashMap<Long, Set<Listed>> byIncarnation = new ConcurrentHashMap<>();

  /** A stream is listed. */
  void add(long incarnation, Listed stream) {
    byIncarnation.compute(
        incarnation,
        (run, there) -> {
          Set<Listed> all = new HashSet<>(there == null ? Set.of() : there);
          all.add(stream);
          return Set.copyOf(all);
        });
  }

  /** A stream is not listed any more. */
  void remove(long incarnation, Listed stream) {
    byIncarnation.computeIfPresent(
        incarnation,
        (run, there) -> {
          Set<Listed> all = new HashSet<>(there);
          all.remove(stream);
          return all.isEmpty() ? null : Set.copyOf(all);
        });
  }

  /** What the others list now. */
  List<RenditionReport> reports(long incarnation, Listed of) {
    List<RenditionReport> found = new ArrayList<>();
    for (Listed each : byIncarnation.getOrDefault(incarnation, Set.of())) {
      MediaPlaylist list = each.equals(of) ? null : each.listedNow();
      if (list != null && list.incarnation() == incarnation && !list.ended()) {
        found.add(RenditionReport.of(each.name(), list));
      }
    }
    found.sort(Comparator.comparing(RenditionReport::name));
    return found.size() > MOST ? found.subList(0, MOST) : found;
  }
}
