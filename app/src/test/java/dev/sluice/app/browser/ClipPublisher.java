package dev.sluice.app.browser;

import dev.sluice.app.demo.LoopedClip;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.rtmp.client.ClientListener;
import dev.sluice.media.rtmp.client.RtmpDeadlines;
import dev.sluice.media.rtmp.client.RtmpPush;
import dev.sluice.media.rtmp.client.RtmpUrl;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Publishes the demo's clip in real time, with the tracks that a test switches on and off.
 *
 * <p>Threading: sends on one event loop; the switches may be moved by any thread.
 */
final class ClipPublisher implements AutoCloseable {
  /** Which pictures are sent. */
  enum Pictures {
    ALL,
    NONE,
    /** The next keyframe, and then none. */
    ONE,
    /** A keyframe at most each seven seconds. */
    RARE
  }

  private static final long RARE_MS = 7_000;
  private static final long TICK_MS = 5;

  private final EventLoops loops = EventLoops.create(1);
  private final EventLoop loop = loops.next();
  private final LoopedClip clip = LoopedClip.bundled();
  private final long startNanos = System.nanoTime();
  private volatile boolean sound;
  private volatile Pictures pictures;
  private RtmpPush push; // set on the loop before anything is told
  private boolean ready;
  private boolean soundTold;
  private boolean pictureTold;
  private long next;
  private long lastPictureMs = -RARE_MS;
  private boolean gopWhole;

  /** Connects to publish; media flows when the server has accepted. */
  ClipPublisher(String url, boolean sound, Pictures pictures) throws IOException {
    this.sound = sound;
    this.pictures = pictures;
    RtmpUrl target = RtmpUrl.parse(url);
    CompletableFuture.runAsync(
            () -> push = RtmpPush.start(loops, loop, target, RtmpDeadlines.DEFAULT, new Events()),
            loop)
        .join();
  }

  private final class Events implements ClientListener {
    @Override
    public void onReady() {
      loop.execute(ClipPublisher.this::begin);
    }

    @Override
    public void onEnd(ClientEnd end) {
      ready = false;
    }
  }

  /** Sends sound from here on, or none. */
  ClipPublisher sound(boolean on) {
    sound = on;
    return this;
  }

  /** Sends these pictures from here on; whole GOPs only. */
  ClipPublisher pictures(Pictures which) {
    pictures = which;
    return this;
  }

  private void begin() {
    ready = true;
    sendDue();
  }

  private void sendDue() {
    if (!ready || !push.ready()) {
      return;
    }
    long now = (System.nanoTime() - startNanos) / 1_000_000;
    while (push.writable() && clip.timeMs(next) <= now) {
      FlvTag tag = clip.frame(next++);
      try {
        if (tag.video() ? wantsPicture(tag) : sound) {
          headerOnce(tag);
          push.write(tag, tag.timestampMs());
        }
      } finally {
        tag.release();
      }
    }
    push.flush();
    loop.schedule(this::sendDue, TICK_MS, TimeUnit.MILLISECONDS);
  }

  private boolean wantsPicture(FlvTag tag) {
    if (!tag.keyframe()) {
      return gopWhole && pictures == Pictures.ALL;
    }
    Pictures which = pictures;
    gopWhole = which == Pictures.ALL;
    boolean due = tag.timestampMs() - lastPictureMs >= RARE_MS;
    boolean wanted =
        switch (which) {
          case ALL, ONE -> true;
          case NONE -> false;
          case RARE -> due;
        };
    if (wanted) {
      lastPictureMs = tag.timestampMs();
    }
    if (which == Pictures.ONE) {
      pictures = Pictures.NONE;
    }
    return wanted;
  }

  /** Sends a track's sequence header before its first frame; there is no metadata. */
  private void headerOnce(FlvTag frame) {
    if (frame.video() ? pictureTold : soundTold) {
      return;
    }
    pictureTold |= frame.video();
    soundTold |= frame.audio();
    for (FlvTag header : clip.headers()) {
      if (header.sequenceHeader() && header.video() == frame.video()) {
        push.write(header, frame.timestampMs());
      }
    }
  }

  /** Ends the publication without a word, as a phone does that loses its network. */
  void abort() {
    CompletableFuture.runAsync(push::abort, loop).join();
  }

  @Override
  public void close() {
    CompletableFuture.runAsync(push::close, loop).join();
    loops.close();
    clip.close();
  }
}
