package dev.sluice.media.live;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.testkit.Await;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Publishes numbered frames over a real connection, as fast as it is told to. */
final class TestPublisher implements ClientListener {
  private static final int FRAME_MS = 40;

  private final EventLoop loop;
  private final RtmpPush push;
  private volatile @Nullable ClientEnd end;
  private volatile boolean ready;
  private final List<String> warnings = new CopyOnWriteArrayList<>();
  private int frames;
  private int sounds;

  private TestPublisher(LiveServer server, String url) throws Exception {
    loop = server.loops.next();
    push =
        LiveServer.on(
            loop,
            () ->
                RtmpPush.start(
                    server.loops, loop, RtmpUrl.parse(url), RtmpDeadlines.DEFAULT, this));
  }

  /** Connects; the server may refuse. */
  static TestPublisher connect(LiveServer server, String key) throws Exception {
    return new TestPublisher(server, server.rtmpUrl(key));
  }

  /** Connects through a line that can be cut. */
  static TestPublisher connect(LiveServer server, CutLine line, String key) throws Exception {
    return new TestPublisher(server, "rtmp://127.0.0.1:" + line.port() + "/" + key);
  }

  /** Connects, is accepted and sends metadata and both sequence headers. */
  static TestPublisher start(LiveServer server, String key) throws Exception {
    return connect(server, key).begin();
  }

  /** Waits until it is accepted. */
  TestPublisher accepted() {
    Await.until(Duration.ofSeconds(15), "accepted", () -> ready);
    return this;
  }

  /** Waits until it is accepted and sends metadata and both sequence headers. */
  TestPublisher begin() throws Exception {
    TestPublisher publisher = accepted();
    publisher.send(Tags.metadata("videocodecid", "audiocodecid"));
    publisher.send(Tags.avcHeader(30));
    publisher.send(Tags.aacHeader());
    return publisher;
  }

  /** Sends frames of 40 ms with one sound each; every 25th frame is a keyframe. */
  void frames(int count, int bytes) throws Exception {
    for (int i = 0; i < count; i++) {
      long ms = (long) frames * FRAME_MS;
      FlvTag frame =
          frames % 25 == 0 ? Tags.keyframe(ms, frames, bytes) : Tags.inter(ms, frames, bytes);
      frames++;
      send(frame);
      send(Tags.audio(ms + 10, sounds++, 100));
      if (i % 10 == 9) {
        Await.until(Duration.ofSeconds(5), "sent", push::writable);
      }
    }
  }

  boolean ready() {
    return ready;
  }

  /** Sends a keyframe, this much after the last one, unless there is no room; true when sent. */
  boolean sendIfWritable(int stepMs, int bytes) throws Exception {
    long patience = System.nanoTime() + 300_000_000;
    while (!push.writable()) {
      if (System.nanoTime() - patience > 0) {
        return false;
      }
      Thread.onSpinWait();
    }
    long ms = (long) frames * stepMs;
    send(Tags.keyframe(ms, frames, bytes));
    frames++;
    return true;
  }

  int framesSent() {
    return frames;
  }

  /** Sends one tag and releases it. */
  void send(FlvTag tag) throws Exception {
    loop.submit(
            () -> {
              try {
                push.write(tag, tag.timestampMs());
                push.flush();
              } finally {
                tag.release();
              }
            })
        .get(90, TimeUnit.SECONDS);
  }

  @Nullable ClientEnd end() {
    return end;
  }

  /** What the server found wrong. */
  List<String> warnings() {
    return warnings;
  }

  @Override
  public void onWarning(String description) {
    warnings.add(description);
  }

  @Override
  public void onReady() {
    ready = true;
  }

  @Override
  public void onEnd(ClientEnd reason) {
    end = reason;
  }

  /** Stops publishing politely. */
  void close() throws Exception {
    LiveServer.on(
        loop,
        () -> {
          push.close();
          return true;
        });
  }
}
