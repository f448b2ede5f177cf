package dev.sluice.media.live;

/**
 * What the next marks of a stream say besides where it is cut, to all servers that list it.
 *
 * <p>Threading: confined to the stream's loop.
 */
public interface StreamNotes {
  /** The playlist goes back so far, in milliseconds; said in all marks from now on. */
  void window(long ms);

  /** Segments before this one cannot be had any more. */
  void first(long msn);

  /** A segment cannot be had any more, though others before it can. */
  void gap(long msn);
}
