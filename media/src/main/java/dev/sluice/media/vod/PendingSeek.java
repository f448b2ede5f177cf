package dev.sluice.media.vod;

/**
 * Where a viewer wants to go on in a file, while the place for it is not found. One that moves a
 * slider asks again before it is answered: the last word counts.
 *
 * <p>Threading: confined to the playback's loop. Pure.
 */
final class PendingSeek {
  private static final long NOWHERE = -1;

  private long wantedMs = NOWHERE;
  private long lookedForMs;

  /** The viewer wants to go on from a media time. */
  void ask(long timeMs) {
    wantedMs = Math.max(0, timeMs);
  }

  /** Whether it waits for a place. */
  boolean asked() {
    return wantedMs != NOWHERE;
  }

  /** The media time it wants to go on from. */
  long wantedMs() {
    return wantedMs;
  }

  /** The place for a time is looked for: for the wanted one, or for the start of the part. */
  void lookFor(long timeMs) {
    lookedForMs = timeMs;
  }

  /** Whether the place that was looked for is not wanted any more. */
  boolean outdated() {
    return asked() && wantedMs != lookedForMs;
  }

  /** It plays from there. */
  void done() {
    wantedMs = NOWHERE;
  }
}
