package dev.sluice.media.hls.live;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The bytes that all streams keep for HLS together. A stream that is given more than there is room
 * for lets go of its oldest; one stream may have a quarter of all.
 *
 * <p>Threading: any thread.
 */
final class MediaMemory {
  private static final int SHARE = 4;

  private final long most;
  private final AtomicLong held = new AtomicLong();

  /** Nothing is held. */
  MediaMemory(long most) {
    this.most = most;
  }

  /** Bytes held now. */
  long held() {
    return held.get();
  }

  /** Notes bytes that are kept from now on; negative for those that are not any more. */
  void add(long bytes) {
    held.addAndGet(bytes);
  }

  /** Whether a stream that holds so much has to let go of some. */
  boolean isTooMuch(long ofStream) {
    return ofStream > most / SHARE || held.get() > most;
  }
}
