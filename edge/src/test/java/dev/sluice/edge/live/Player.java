package dev.sluice.edge.live;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.live.ClientEnd;
import dev.sluice.media.live.ClientListener;
import dev.sluice.media.live.RtmpDeadlines;
import dev.sluice.media.live.RtmpPull;
import dev.sluice.media.live.RtmpUrl;
import dev.sluice.testkit.Await;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Plays over RTMP and remembers the numbers of the frames. */
final class Player implements ClientListener {
  private final List<Integer> frames = new CopyOnWriteArrayList<>();
  private final EventLoop loop;
  private final RtmpPull pull;
  private volatile @Nullable ClientEnd end;

  private Player(Node node, String key) throws Exception {
    loop = node.loops().next();
    RtmpUrl url = RtmpUrl.parse("rtmp://127.0.0.1:" + node.rtmpPort() + "/" + key);
    pull =
        Node.on(loop, () -> RtmpPull.start(node.loops(), loop, url, RtmpDeadlines.DEFAULT, this));
  }

  static Player play(Node node, String key) throws Exception {
    return new Player(node, key);
  }

  List<Integer> frames() {
    return frames;
  }

  @Nullable ClientEnd end() {
    return end;
  }

  void awaitFrame(int number) {
    Await.until(
        Duration.ofSeconds(10),
        "frame " + number,
        () -> !frames.isEmpty() && frames.getLast() >= number);
  }

  @Override
  public void onTag(FlvTag tag) {
    if (tag.video() && !tag.sequenceHeader()) {
      frames.add(tag.payload().getInt(tag.payload().readerIndex() + 10));
    }
  }

  @Override
  public void onEnd(ClientEnd reason) {
    end = reason;
  }

  void close() throws Exception {
    Node.on(
        loop,
        () -> {
          pull.close();
          return true;
        });
  }
}
