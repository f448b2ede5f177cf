package dev.sluice.media.live;

import dev.sluice.media.segment.DateRange;
import org.jspecify.annotations.Nullable;

/** A span of time that is to be listed of a stream. */
@FunctionalInterface
public interface AskedRange {
  /**
   * What is to be listed; called on the stream's loop.
   *
   * @param nowMs the date of what is newest in the stream, in ms since the Unix epoch
   * @param before what is listed under its name already; null = nothing
   * @throws IllegalArgumentException with a sentence, for one that no playlist can have
   */
  DateRange at(long nowMs, @Nullable DateRange before);
}
