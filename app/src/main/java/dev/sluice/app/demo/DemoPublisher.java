package dev.sluice.app.demo;

import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.lifecycle.Service;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.rtmp.client.ClientListener;
import dev.sluice.media.rtmp.client.RtmpDeadlines;
import dev.sluice.media.rtmp.client.RtmpPush;
import dev.sluice.media.rtmp.client.RtmpUrl;
import io.netty.channel.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes a clip in a loop, each frame when it is due, as an encoder would. When the server goes
 * away it connects again every second and goes on at the frame that is due then.
 *
 * <p>Threading: everything but {@link #start} and {@link #close} happens on one event loop.
 */
public final class DemoPublisher implements Service {
  private static final Logger log = LoggerFactory.getLogger(DemoPublisher.class);
  private static final long RETRY_MS = 1000;
  private static final long BLOCKED_MS = 20;

  private final EventLoops loops;
  private final EventLoop loop;
  private final RtmpUrl target;
  private final LoopedClip clip;
  private final long startNanos = System.nanoTime();
  private long next;
  private @Nullable RtmpPush push;
  private boolean closed;

  /**
   * A publisher that is not started.
   *
   * @param target with its key, such as {@code rtmp://127.0.0.1:1940/live/demo?key=demo}
   * @param clip stays the caller's, who closes it after this publisher
   */
  public DemoPublisher(EventLoops loops, RtmpUrl target, LoopedClip clip) {
    this.loops = loops;
    this.loop = loops.next();
    this.target = target;
    this.clip = clip;
  }

  /** Returns at once; the connection is made behind it. */
  @Override
  public void start() {
    loop.execute(this::connect);
  }

  private void connect() {
    if (!closed) {
      push = RtmpPush.start(loops, loop, target, RtmpDeadlines.DEFAULT, new Events());
    }
  }

  private final class Events implements ClientListener {
    @Override
    public void onReady() {
      begin();
    }

    @Override
    public void onEnd(ClientEnd end) {
      push = null;
      log.info("demo publisher ended target={} reason=\"{}\"", target, end);
      loop.schedule(DemoPublisher.this::connect, RETRY_MS, TimeUnit.MILLISECONDS);
    }
  }

  private long elapsedMs() {
    return (System.nanoTime() - startNanos) / 1_000_000;
  }

  private void begin() {
    RtmpPush to = push;
    if (to == null) {
      return;
    }
    if (next > 0) {
      while (clip.timeMs(next) < elapsedMs()) {
        next++;
      }
    }
    for (FlvTag header : clip.headers()) {
      to.write(header, clip.timeMs(next));
    }
    sendDue();
  }

  private void sendDue() {
    RtmpPush to = push;
    if (to == null || !to.ready()) {
      return;
    }
    long now = elapsedMs();
    while (to.writable() && clip.timeMs(next) <= now) {
      send(to);
    }
    to.flush();
    long pause = Math.max(to.writable() ? 1 : BLOCKED_MS, clip.timeMs(next) - elapsedMs());
    loop.schedule(this::sendDue, pause, TimeUnit.MILLISECONDS);
  }

  private void send(RtmpPush to) {
    FlvTag tag = clip.frame(next++);
    try {
      to.write(tag, tag.timestampMs());
    } finally {
      tag.release();
    }
  }

  /** Unpublishes and waits until that is done. */
  @Override
  public void close() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.execute(
        () -> {
          closed = true;
          RtmpPush open = push;
          push = null;
          if (open != null) {
            open.close();
          }
          done.complete(null);
        });
    done.orTimeout(2, TimeUnit.SECONDS).exceptionally(e -> null).join();
  }
}
