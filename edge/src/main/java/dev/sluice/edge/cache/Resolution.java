package dev.sluice.edge.cache;

import dev.sluice.edge.cache.CacheAnswer.How;

/** What a path is, for whoever asked. Pure. */
sealed interface Resolution {

  /** A file that may be served, and how that came to be known. */
  record Found(CachedObject object, How how) implements Resolution {}

  /** No such file, or none for us: the origin's 4xx. */
  record Refused(int status) implements Resolution {}

  /** A file that is not to be kept. */
  record Uncacheable() implements Resolution {}

  /** No origin can say, and nothing older may be served. */
  record Failed(FillFailure why) implements Resolution {}
}
