package dev.sluice.media.live;

import dev.sluice.media.Wire;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.testkit.Await;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Plays over a real connection and writes down each tag as {@code V@40 1701...}. */
final class TagLog implements ClientListener {
  private static final int SHOWN_BYTES = 12;

  private final List<String> lines = new CopyOnWriteArrayList<>();
  private volatile @Nullable ClientEnd end;

  private TagLog() {}

  static TagLog play(LiveServer server, String key) throws Exception {
    TagLog log = new TagLog();
    EventLoop loop = server.loops.next();
    LiveServer.on(
        loop,
        () ->
            RtmpPull.start(
                server.loops,
                loop,
                RtmpUrl.parse(server.rtmpUrl(key)),
                new RtmpDeadlines(
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(20),
                    Duration.ofMinutes(5)),
                log));
    return log;
  }

  /** What came, without the script tags. */
  List<String> media() {
    return lines.stream().filter(line -> line.charAt(0) != 'S').toList();
  }

  List<String> lines() {
    return lines;
  }

  @Nullable ClientEnd end() {
    return end;
  }

  /** Waits for a tag whose body begins so. */
  TagLog await(String bodyStart) {
    Await.until(
        Duration.ofSeconds(20),
        "a tag " + bodyStart + " in " + lines,
        () -> lines.stream().anyMatch(line -> line.contains(" " + bodyStart)));
    return this;
  }

  TagLog awaitEnd() {
    Await.until(Duration.ofSeconds(20), "the end", () -> end != null);
    return this;
  }

  @Override
  public void onTag(FlvTag tag) {
    byte[] body = Wire.bytes(tag.payload());
    int shown = tag.script() ? body.length : Math.min(body.length, SHOWN_BYTES);
    lines.add(
        tag.type().name().charAt(0)
            + "@"
            + tag.timestampMs()
            + " "
            + HexFormat.of().formatHex(body, 0, shown));
  }

  @Override
  public void onEnd(ClientEnd reason) {
    end = reason;
  }
}
