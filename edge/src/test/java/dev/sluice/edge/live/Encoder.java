package dev.sluice.edge.live;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.rtmp.client.ClientListener;
import dev.sluice.media.rtmp.client.RtmpDeadlines;
import dev.sluice.media.rtmp.client.RtmpPush;
import dev.sluice.media.rtmp.client.RtmpUrl;
import dev.sluice.testkit.Await;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Publishes numbered frames over RTMP, as {@link Feed} does without. */
final class Encoder implements ClientListener {
  private final EventLoop loop;
  private final RtmpPush push;
  private volatile boolean ready;
  private volatile @Nullable ClientEnd end;
  private int frames;

  private Encoder(Node node, String keyAndQuery) throws Exception {
    loop = node.loops().next();
    RtmpUrl url = RtmpUrl.parse("rtmp://127.0.0.1:" + node.rtmpPort() + "/" + keyAndQuery);
    push =
        Node.on(loop, () -> RtmpPush.start(node.loops(), loop, url, RtmpDeadlines.DEFAULT, this));
  }

  static Encoder publish(Node node, String keyAndQuery) throws Exception {
    return new Encoder(node, keyAndQuery);
  }

  Encoder awaitReady() throws Exception {
    Await.until(Duration.ofSeconds(20), "publishing", () -> ready);
    send(0, 0x17, 0, -1, 24);
    return this;
  }

  void frames(int count) throws Exception {
    frames(count, 24);
  }

  void frames(int count, int bytes) throws Exception {
    for (int i = 0; i < count; i++) {
      send(frames * 40L, frames % 25 == 0 ? 0x17 : 0x27, 1, frames, bytes);
      frames++;
    }
  }

  /** The same where nothing may be thrown. */
  void sendOn(int count, int bytes) {
    try {
      frames(count, bytes);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  int sent() {
    return frames;
  }

  @Nullable ClientEnd end() {
    return end;
  }

  ClientEnd awaitEnd() {
    Await.until(Duration.ofSeconds(30), "the end", () -> end != null);
    return java.util.Objects.requireNonNull(end);
  }

  void close() throws Exception {
    Node.on(
        loop,
        () -> {
          push.close();
          return true;
        });
  }

  @Override
  public void onReady() {
    ready = true;
  }

  @Override
  public void onEnd(ClientEnd reason) {
    end = reason;
  }

  private void send(long timestampMs, int first, int packetType, int number, int bytes)
      throws Exception {
    ByteBuf body = ByteBufAllocator.DEFAULT.buffer(bytes + 16);
    body.writeByte(first).writeByte(packetType).writeMedium(0);
    body.writeInt(bytes).writeByte(0x41).writeInt(number).writeZero(bytes - 5);
    FlvTag tag = new FlvTag(TagType.VIDEO, timestampMs, body);
    Node.on(
        loop,
        () -> {
          push.write(tag, timestampMs);
          push.flush();
          tag.release();
          return true;
        });
  }
}
