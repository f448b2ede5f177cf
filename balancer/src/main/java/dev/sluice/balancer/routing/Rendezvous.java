package dev.sluice.balancer.routing;

/**
 * Weighted rendezvous hashing: each edge gets a score for each key, and the highest scores serve
 * it. Taking an edge away moves only the keys that it served; its share is proportional to its
 * weight.
 *
 * <p>Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998; the weighted
 * score {@code -w / ln(u)} is from Schindelhauer and Schomaker, "Weighted distributed hash tables",
 * 2005.
 */
final class Rendezvous {
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;
  private static final double UNIT = 0x1p-53;

  private Rendezvous() {}

  /** A 64-bit hash of a text: FNV-1a with its bits mixed. */
  static long hash(String text) {
    long h = FNV_OFFSET;
    for (int i = 0; i < text.length(); i++) {
      h = (h ^ text.charAt(i)) * FNV_PRIME;
    }
    return mix(h);
  }

  /** Spreads the bits of a number (the finalizer of SplitMix64). */
  static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /** A number above 0 and below 1 from a hash. */
  static double unit(long hash) {
    return ((hash >>> 11) + 0.5) * UNIT;
  }

  /** The score of an edge for a key; higher serves. */
  static double score(long edgeHash, long keyHash, double weight) {
    return -weight / Math.log(unit(mix(edgeHash ^ Long.rotateLeft(keyHash, 32))));
  }
}
