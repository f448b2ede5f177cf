package dev.sluice.media.live;

import dev.sluice.media.live.fanout.StreamFanout;
import dev.sluice.media.live.fanout.Viewer;
import dev.sluice.media.live.fanout.ViewerCursor;
import dev.sluice.media.live.fanout.WatchedStream;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A live stream as its viewers have it: counts them, and leads them to the {@link StreamFanout}.
 *
 * <p>Threading: everything is called on a viewer's loop.
 */
final class StreamViewers implements WatchedStream {
  private final StreamKey key;
  private final LiveContext context;
  private final StreamNumbers numbers;
  private final StreamFanout fanout;
  private final Consumer<StreamKey> onLeft;

  /**
   * No viewers yet.
   *
   * @param onLeft told when one has left
   */
  StreamViewers(
      StreamKey key,
      LiveContext context,
      StreamNumbers numbers,
      StreamFanout fanout,
      Consumer<StreamKey> onLeft) {
    this.key = key;
    this.context = context;
    this.numbers = numbers;
    this.fanout = fanout;
    this.onLeft = onLeft;
  }

  /** Adds a viewer, unless it only asked. */
  void join(Viewer viewer) {
    if (viewer.joined(this)) {
      fanout.join(viewer);
    } else {
      onLeft.accept(key);
    }
  }

  @Override
  public long viewerEntered(Viewer viewer) {
    numbers.viewerJoined(viewer.format().protocol());
    return context.entered(viewer);
  }

  @Override
  public void viewerLeft(Viewer viewer, @Nullable ViewerCursor cursor) {
    fanout.leave(viewer, cursor);
    context.left(viewer.id());
    numbers.viewerLeft(viewer.format().protocol());
    onLeft.accept(key);
  }

  @Override
  public void viewerPaused(Viewer viewer, @Nullable ViewerCursor cursor) {
    fanout.pause(viewer, cursor);
  }

  @Override
  public void viewerResumed(Viewer viewer) {
    fanout.resume(viewer);
  }

  @Override
  public void viewerEnded(EndReason reason) {
    numbers.disconnected(reason);
  }
}
