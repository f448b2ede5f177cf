package dev.sluice.media.live;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.testkit.Await;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Plays over a real connection, remembers what came, and can stop reading. */
final class TestViewer implements ClientListener {
  /** One tag as it came; number -1 for headers and metadata. */
  record Seen(char kind, long timestampMs, int number, boolean keyframe, boolean header) {
    boolean frame() {
      return kind == 'v' && !header;
    }

    boolean sound() {
      return kind == 'a' && !header;
    }
  }

  private final EventLoop loop;
  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private volatile @Nullable ClientEnd end;
  private volatile @Nullable Channel channel;

  private TestViewer(LiveServer server, String key) throws Exception {
    loop = server.loops.next();
    LiveServer.on(
        loop,
        () ->
            RtmpPull.start(
                server.loops,
                loop,
                RtmpUrl.parse(server.rtmpUrl(key)),
                new RtmpDeadlines(
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(10),
                    Duration.ofMinutes(5)),
                this));
  }

  static TestViewer play(LiveServer server, String key) throws Exception {
    return new TestViewer(server, key);
  }

  List<Seen> seen() {
    return seen;
  }

  List<Seen> frames() {
    return seen.stream().filter(Seen::frame).toList();
  }

  List<Seen> sounds() {
    return seen.stream().filter(Seen::sound).toList();
  }

  @Nullable ClientEnd end() {
    return end;
  }

  /** Waits until something came that fits. */
  void await(String what, Predicate<TestViewer> condition) {
    Await.until(Duration.ofSeconds(15), what, () -> condition.test(this));
  }

  void awaitFrame(int number) {
    await(
        "frame " + number,
        viewer -> {
          List<Seen> all = viewer.seen;
          for (int i = all.size() - 1; i >= 0 && i > all.size() - 200; i--) {
            if (all.get(i).frame() && all.get(i).number() >= number) {
              return true;
            }
          }
          return false;
        });
  }

  /** Stops or goes on reading from the socket. */
  void reading(boolean on) throws Exception {
    Channel connected = channel;
    if (connected != null) {
      LiveServer.on(loop, () -> connected.config().setAutoRead(on));
    }
  }

  @Override
  public void onConnected(Channel connected) {
    channel = connected;
  }

  @Override
  public void onTag(FlvTag tag) {
    seen.add(seen(tag));
  }

  /** What is remembered of a tag. */
  static Seen seen(FlvTag tag) {
    char kind = tag.video() ? 'v' : tag.audio() ? 'a' : 's';
    boolean header = tag.sequenceHeader() || tag.script();
    int number = header ? -1 : Tags.number(tag);
    return new Seen(kind, tag.timestampMs(), number, tag.keyframe(), header);
  }

  @Override
  public void onEnd(ClientEnd reason) {
    end = reason;
  }
}
