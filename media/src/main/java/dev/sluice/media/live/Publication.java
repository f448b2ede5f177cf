package dev.sluice.media.live;

import dev.sluice.media.flv.FlvTag;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;

/**
 * A publisher's hold on a stream. Tags that come in one turn of the event loop are sent together.
 *
 * <p>Threading: confined to the publisher's loop. The stream may live on another loop, that of an
 * earlier publisher; tags then hop once.
 */
public final class Publication {
  private final LiveStream stream;
  private final PublisherInfo publisher;
  private final EventLoop owner;
  private final LiveContext context;
  private boolean closed;

  Publication(LiveStream stream, PublisherInfo publisher, EventLoop owner, LiveContext context) {
    this.stream = stream;
    this.publisher = publisher;
    this.owner = owner;
    this.context = context;
  }

  /** The stream's key. */
  public StreamKey key() {
    return stream.key();
  }

  LiveStream stream() {
    return stream;
  }

  /** Who publishes. */
  public PublisherInfo publisher() {
    return publisher;
  }

  /**
   * Takes the next tag, with the publisher's time (low 32 bits count). Borrows it. Ignored once
   * closed.
   */
  public void onTag(FlvTag tag) {
    assert owner.inEventLoop();
    if (closed) {
      return;
    }
    if (stream.loop().inEventLoop()) {
      stream.ingest(tag);
      return;
    }
    tag.retain();
    boolean posted =
        onStream(
            () -> {
              try {
                stream.ingest(tag);
              } finally {
                tag.release();
              }
            });
    if (!posted) {
      tag.release();
    }
  }

  /**
   * The source was connected anew and starts again at the beginning of a GOP: what viewers had
   * already is left out, and the clock goes on. For relays.
   */
  public void reconnected() {
    assert owner.inEventLoop();
    onStream(stream::reconnected);
  }

  /** Ends the publication; the stream ends after the configured hold time. May be called again. */
  public void close(EndReason reason) {
    close(reason, context.config().publishHold());
  }

  /** Ends the publication; the stream ends after {@code hold} unless another publisher comes. */
  public void close(EndReason reason, Duration hold) {
    assert owner.inEventLoop();
    if (closed) {
      return;
    }
    closed = true;
    context.counters().publisherLeft(publisher.kind());
    onStream(
        () -> {
          if (stream.seat().leave(this)) {
            stream.publisherGone(reason, hold);
          }
        });
  }

  private boolean onStream(Runnable task) {
    if (stream.loop().inEventLoop()) {
      task.run();
      return true;
    }
    try {
      stream.loop().execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      return false; // the loop is shut down
    }
  }
}
