package dev.sluice.edge.live;

import dev.sluice.media.stream.StreamKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * The servers to choose from, and the order in which to try them for one stream: parents before
 * origins, then by cost ({@link UpstreamHealth#costMs}). Those that cost about the same share the
 * streams by name, and every edge shares them in the same way.
 *
 * <p>Threading: any thread; the list never changes.
 */
final class Upstreams {
  private static final double ABOUT_THE_SAME_MS = 20;
  private static final double ABOUT_THE_SAME = 1.5;

  private final List<Upstream> all;

  Upstreams(List<Upstream> all) {
    this.all = List.copyOf(all);
  }

  /** Why one is the first choice. The word is a meter's tag. */
  enum Why {
    /** There is no other of its tier. */
    ONLY,
    /** The stream's name fell to it, among those that cost about the same. */
    SHARE,
    /** It is nearer than the others. */
    NEAREST,
    /** The others fail, or have failed lately. */
    HEALTHIEST,
    /** A better one did not do; see the log of the stream. */
    NEXT,
    /** It stood by, and took over. */
    STANDBY;

    /** Lower case, for metrics and JSON. */
    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A place in the order. */
  record Choice(Upstream upstream, Why why) {}

  private record Ranked(Upstream upstream, double costMs, boolean same, long share) {}

  /** In the order of the configuration. */
  List<Upstream> all() {
    return all;
  }

  /** The order for a stream, best first. */
  List<Choice> rank(StreamKey key, long nowNanos) {
    List<Choice> order = new ArrayList<>(all.size());
    for (Upstream.Tier tier : Upstream.Tier.values()) {
      addTier(order, tier, key, nowNanos);
    }
    return order;
  }

  private void addTier(List<Choice> order, Upstream.Tier tier, StreamKey key, long nowNanos) {
    double best = Double.MAX_VALUE;
    for (Upstream upstream : all) {
      if (upstream.tier() == tier) {
        best = Math.min(best, upstream.health().costMs(nowNanos));
      }
    }
    double same = Math.max(best * ABOUT_THE_SAME, best + ABOUT_THE_SAME_MS);
    List<Ranked> ranked = new ArrayList<>();
    for (Upstream upstream : all) {
      if (upstream.tier() == tier) {
        double cost = upstream.health().costMs(nowNanos);
        ranked.add(new Ranked(upstream, cost, cost <= same, share(key, upstream)));
      }
    }
    ranked.sort(
        Comparator.comparing((Ranked r) -> !r.same())
            .thenComparingDouble(r -> r.same() ? 0 : r.costMs())
            .thenComparingLong(Ranked::share));
    for (int i = 0; i < ranked.size(); i++) {
      order.add(new Choice(ranked.get(i).upstream(), i > 0 ? Why.NEXT : why(ranked)));
    }
  }

  private static Why why(List<Ranked> ranked) {
    if (ranked.size() == 1) {
      return Why.ONLY;
    }
    Ranked second = ranked.get(1);
    if (second.same()) {
      return Why.SHARE;
    }
    double distance = Math.max(second.upstream().health().rttMs(), 0);
    boolean faulty = second.costMs() - distance > ABOUT_THE_SAME_MS;
    return faulty ? Why.HEALTHIEST : Why.NEAREST;
  }

  /** A number that depends on both and is spread evenly: the finalizer of SplitMix64. */
  private static long share(StreamKey key, Upstream upstream) {
    long z = key.toString().hashCode() * 0x9E3779B97F4A7C15L + upstream.toString().hashCode();
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
