package dev.sluice.media.vod;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.rtmp.ChunkEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The tags that wait to be sent, the pace at which they become due, and the timer for the next one.
 *
 * <p>Threading: confined to the loop.
 */
final class PacedTags implements AutoCloseable {
  private static final int BATCH_BYTES = 64 << 10;

  private final EventLoop loop;
  private final Runnable onDue;
  private final VodPace pace;
  private final VodTags tags = new VodTags();
  private long stopMs = Long.MAX_VALUE;
  private @Nullable Future<?> timer;

  /**
   * Has no tags, and nothing to wait for, until {@link #begin}.
   *
   * @param onDue called when something becomes due that {@link #batch} did not give yet
   */
  PacedTags(VodConfig config, EventLoop loop, Runnable onDue) {
    this.loop = loop;
    this.onDue = onDue;
    this.pace = new VodPace(config.minBuffer().toMillis(), config.maxBuffer().toMillis());
  }

  /** Gives nothing after this media time. */
  void stopAt(long lastMs) {
    stopMs = lastMs;
  }

  /** Forgets what waits and begins anew, at the start and after a seek. */
  void begin(FlvOpening file, long fromMs, long nowNanos) {
    pace.start(fromMs, nowNanos);
    tags.begin(file, fromMs);
  }

  /** Takes bytes of the file, from where a tag begins on. */
  void feed(ByteBuf bytes) {
    tags.feed(bytes);
  }

  /** Whether what follows cannot be read. */
  boolean damaged() {
    return tags.damaged();
  }

  /** All that is due, up to a batch, encoded; null when nothing is. The caller owns it. */
  @Nullable ByteBuf batch(long nowNanos) {
    ByteBuf batch = null;
    for (FlvTag tag = tags.peek(); tag != null; tag = tags.peek()) {
      if (tag.timestampMs() > stopMs || (batch != null && batch.readableBytes() >= BATCH_BYTES)) {
        break;
      }
      long wait = pace.waitNanos(tag.timestampMs(), nowNanos);
      if (wait > 0) {
        if (batch == null) {
          timer = loop.schedule(this::due, pace.restNanos(wait), TimeUnit.NANOSECONDS);
        }
        break;
      }
      if (batch == null) {
        batch = ByteBufAllocator.DEFAULT.buffer(BATCH_BYTES);
      }
      ChunkEncoder.writeTag(batch, tag, tag.timestampMs());
      tags.drop();
    }
    return batch;
  }

  private void due() {
    timer = null;
    onDue.run();
  }

  /** Whether the next tag lies behind the part that is played. */
  boolean atStop() {
    FlvTag next = tags.peek();
    return next != null && next.timestampMs() > stopMs;
  }

  /** Whether the next tag is waited for until it is due. */
  boolean waits() {
    return timer != null;
  }

  /** Waits no longer: {@link #batch} weighs anew what is due. */
  void cancelWait() {
    Future<?> running = timer;
    timer = null;
    if (running != null) {
      running.cancel(false);
    }
  }

  void pause(long nowNanos) {
    pace.pause(nowNanos);
  }

  void resume(long nowNanos) {
    pace.resume(nowNanos);
  }

  boolean paused() {
    return pace.paused();
  }

  /** The viewer told the length of its buffer. */
  void setBuffer(long ms) {
    pace.setBuffer(ms);
    cancelWait();
  }

  /** The viewer switches sound and picture on or off. */
  void choose(boolean audio, boolean video) {
    tags.choose(audio, video);
  }

  /** Frees what waits. */
  @Override
  public void close() {
    cancelWait();
    tags.close();
  }
}
