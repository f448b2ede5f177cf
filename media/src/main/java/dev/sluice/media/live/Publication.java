package dev.sluice.media.live;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.live.pacing.ReadBatching;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A publisher's hold on a stream. Tags that come in one turn of the event loop are sent together.
 *
 * <p>Threading: confined to the publisher's loop. The stream may live on another loop, that of an
 * earlier publisher; tags then hop once.
 */
public final class Publication {
  private final LiveStream stream;
  private final PublisherInfo publisher;
  private final @Nullable String credential;
  private final Consumer<EndReason> onDisplaced;
  private final EventLoop owner;
  private final LiveContext context;
  private volatile long lastTagNanos;
  private Consumer<String> onWarning = sentence -> {};
  private boolean closed;

  Publication(
      LiveStream stream,
      PublisherInfo publisher,
      @Nullable String credential,
      Consumer<EndReason> onDisplaced,
      EventLoop owner,
      LiveContext context) {
    this.stream = stream;
    this.publisher = publisher;
    this.credential = credential;
    this.onDisplaced = onDisplaced;
    this.owner = owner;
    this.context = context;
    this.lastTagNanos = context.nanoTime();
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
    lastTagNanos = context.nanoTime();
    if (stream.loop().inEventLoop()) {
      stream.ingest(this, tag);
      return;
    }
    tag.retain();
    boolean posted =
        onStream(
            () -> {
              try {
                stream.ingest(this, tag);
              } finally {
                tag.release();
              }
            });
    if (!posted) {
      tag.release();
    }
  }

  /** Who tells the publisher what is wrong with what it sends; it may go on. Owner's loop only. */
  public void onWarning(Consumer<String> told) {
    assert owner.inEventLoop();
    onWarning = told;
  }

  /** Something is wrong with what it sends. Any thread; told on the owner's loop. */
  void warn(String sentence) {
    try {
      owner.execute(
          () -> {
            if (!closed) {
              onWarning.accept(sentence);
            }
          });
    } catch (RejectedExecutionException e) {
      // Its loop is shut down, and the connection with it.
    }
  }

  /** How long the connection may go unread now that all that came is handed on; 0 = not at all. */
  public long restNanos(ReadBatching measured) {
    assert owner.inEventLoop();
    return measured.nanos(context.flushIntervalNanos(owner), context.nanoTime());
  }

  /** Rests with the others of its loop. */
  public void rest(long nanos, Runnable wake) {
    context.counters().rested();
    context.wheel(owner).rest(nanos, wake);
  }

  /** The media comes from elsewhere now; for {@code /api/streams}. */
  public void movedTo(PublisherInfo now) {
    stream.slot().describe(this, now);
  }

  /**
   * The source was connected anew and starts again at the beginning of a GOP: what viewers had
   * already is left out, and the clock goes on. For relays.
   *
   * @param sameClock whether its times are known to be on the clock of what came before
   */
  public void reconnected(boolean sameClock) {
    assert owner.inEventLoop();
    onStream(() -> stream.reconnected(sameClock));
  }

  /**
   * Ends the publication. The stream ends with it, or, when the publisher may come back, after the
   * configured hold time. May be called again.
   */
  public void close(EndReason reason) {
    close(reason, reason.mayComeBack() ? context.config().publishHold() : Duration.ZERO);
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
          if (stream.slot().leave(this)) {
            stream.publisherGone(reason, hold);
          }
        });
  }

  /** When the last tag came, or the publisher itself. Any thread. */
  long lastTagNanos() {
    return lastTagNanos;
  }

  /** Whether both showed the same credential, and showed one at all. Any thread. */
  boolean sameCredential(Publication other) {
    return credential != null && credential.equals(other.credential);
  }

  /**
   * It has lost its slot: to the same publisher on another connection, or by an operator's act. Any
   * thread; tells its connection.
   */
  void displaced(EndReason why) {
    Runnable told =
        () -> {
          if (!closed) {
            closed = true;
            context.counters().publisherLeft(publisher.kind());
            onDisplaced.accept(why);
          }
        };
    try {
      owner.execute(told);
    } catch (RejectedExecutionException e) {
      // Its loop is shut down, and the connection with it.
    }
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
