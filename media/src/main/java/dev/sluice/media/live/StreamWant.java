package dev.sluice.media.live;

import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Demand for a stream without a viewer: segmenting, recording at an edge, thumbnails. As long as it
 * is open it counts beside viewers, so that an edge goes on pulling the stream. What comes is told
 * to a {@link dev.sluice.media.live.fanout.StreamListener}.
 *
 * <p>Nothing is asked for again by itself: after a refusal, or the stream's end, the owner calls
 * {@link #ask} when it thinks fit.
 *
 * <p>Threading: thread-safe.
 */
public final class StreamWant implements AutoCloseable {
  private final StreamKey key;
  private final Consumer<StreamKey> onAsk;
  private final Consumer<StreamWant> onClosed;
  private final Consumer<EndReason> onRefused;
  private final AtomicBoolean open = new AtomicBoolean(true);

  StreamWant(
      StreamKey key,
      Consumer<StreamKey> onAsk,
      Consumer<StreamWant> onClosed,
      Consumer<EndReason> onRefused) {
    this.key = key;
    this.onAsk = onAsk;
    this.onClosed = onClosed;
    this.onRefused = onRefused;
  }

  /** The stream that is wanted. */
  public StreamKey key() {
    return key;
  }

  /** Has the source asked for the stream unless it is there. Does nothing once it is closed. */
  public void ask() {
    if (open.get()) {
      onAsk.accept(key);
    }
  }

  /** Wants it no longer. May be called again. */
  @Override
  public void close() {
    if (open.compareAndSet(true, false)) {
      onClosed.accept(this);
    }
  }

  void refused(EndReason reason) {
    if (open.get()) {
      onRefused.accept(reason);
    }
  }
}
