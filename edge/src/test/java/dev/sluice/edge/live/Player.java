package dev.sluice.edge.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.rtmp.client.ClientListener;
import dev.sluice.media.rtmp.client.RtmpDeadlines;
import dev.sluice.media.rtmp.client.RtmpPull;
import dev.sluice.media.rtmp.client.RtmpUrl;
import dev.sluice.testkit.Await;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Plays over RTMP and remembers the numbers of the frames. */
final class Player implements ClientListener {
  private final List<Integer> frames = new CopyOnWriteArrayList<>();
  private final List<Long> times = new CopyOnWriteArrayList<>();
  private final AtomicInteger marks = new AtomicInteger();
  private final EventLoop loop;
  private final RtmpPull pull;
  private volatile @Nullable ClientEnd end;

  private Player(Node node, String key, String hint) throws Exception {
    loop = node.loops().next();
    RtmpUrl url = RtmpUrl.parse("rtmp://127.0.0.1:" + node.rtmpPort() + "/" + key).withHint(hint);
    pull =
        Node.on(loop, () -> RtmpPull.start(node.loops(), loop, url, RtmpDeadlines.DEFAULT, this));
  }

  static Player play(Node node, String key) throws Exception {
    return new Player(node, key, "");
  }

  /** Asks as another node does. */
  static Player play(Node node, String key, String hint) throws Exception {
    return new Player(node, key, hint);
  }

  List<Integer> frames() {
    return frames;
  }

  /** Every frame from the first to the last came once, each 40 ms after the one before. */
  void assertWithoutSeam() {
    for (int i = 1; i < frames.size(); i++) {
      assertThat(frames.get(i)).as("frame after " + i).isEqualTo(frames.get(i - 1) + 1);
      assertThat(times.get(i)).as("time after " + i).isEqualTo(times.get(i - 1) + 40);
    }
    assertThat(end).isNull();
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

  /** Marks that came. */
  int marks() {
    return marks.get();
  }

  @Override
  public void onTag(FlvTag tag) {
    if (tag.mark()) {
      marks.incrementAndGet();
    }
    if (tag.video() && !tag.sequenceHeader()) {
      times.add(tag.timestampMs());
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
