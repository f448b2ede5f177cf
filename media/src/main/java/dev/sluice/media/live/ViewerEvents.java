package dev.sluice.media.live;

/** What a viewer's connection is told. Called on the viewer's event loop. */
public interface ViewerEvents {
  /** The stream is there; its bytes follow on the channel right behind this call. */
  void onStart();

  /**
   * No more bytes will come: refused, or over. Called once, and not after {@link Viewer#leave}.
   *
   * @param reason {@link EndReason#NOT_FOUND} and {@link EndReason#UPSTREAM_LOST} may come instead
   *     of {@link #onStart}
   */
  void onEnd(EndReason reason);
}
