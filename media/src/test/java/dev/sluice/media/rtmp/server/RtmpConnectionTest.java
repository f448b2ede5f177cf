package dev.sluice.media.rtmp.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.Wire;
import dev.sluice.media.access.PublishAuthorizer;
import dev.sluice.media.amf.Amf0;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.live.LiveConfig;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.rtmp.ChunkEncoder;
import dev.sluice.media.rtmp.RtmpLimits;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** One connection in virtual time. */
@ExtendWith(LeakCheck.class)
class RtmpConnectionTest {
  private final Meters meters = new Meters();
  private final LiveHub hub = new LiveHub(LiveConfig.defaults(), meters);
  private final EmbeddedChannel channel =
      new EmbeddedChannel(
          new RtmpServerHandler(
              new RtmpServing(
                  hub,
                  RtmpAccess.of(PublishAuthorizer.anyone()),
                  meters,
                  RtmpLimits.DEFAULT,
                  RtmpConnectionLimits.defaults(),
                  ""),
              null));

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
    hub.close();
    channel.runPendingTasks();
    meters.close();
  }

  private void say(int stream, String name, AmfValue... values) {
    ByteBuf body = ByteBufAllocator.DEFAULT.buffer();
    ByteBuf out = ByteBufAllocator.DEFAULT.buffer();
    Amf0.encode(body, AmfValue.of(name), AmfValue.of(1));
    Amf0.encode(body, values);
    ChunkEncoder.writeMessage(out, 3, 20, stream, 0, body, 128);
    body.release();
    channel.writeInbound(out);
    channel.releaseOutbound();
  }

  private void pass(long ms) {
    channel.advanceTimeBy(ms, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    channel.runPendingTasks();
  }

  @Test
  void timeToRepublishCountsFromTheEndOfTheLastPublication() {
    channel.writeInbound(Wire.buffer(Wire.join(Wire.hex("03"), new byte[1536], new byte[1536])));
    say(0, "connect", new AmfValue.Obj(Map.of("app", AmfValue.of("live"))));
    say(1, "publish", AmfValue.Nothing.NULL, AmfValue.of("a"));
    pass(9_900);
    say(0, "FCUnpublish", AmfValue.Nothing.NULL, AmfValue.of("a"));
    pass(5_000);
    assertThat(channel.isOpen())
        .as("the time from the start is over, not that from the end")
        .isTrue();
    say(1, "publish", AmfValue.Nothing.NULL, AmfValue.of("a"));
    pass(9_000);
    assertThat(channel.isOpen()).isTrue();
    assertThat(hub.stream(new StreamKey("live", "a"))).isNotNull();
    say(0, "FCUnpublish", AmfValue.Nothing.NULL, AmfValue.of("a"));
    pass(10_100);
    assertThat(channel.isOpen()).as("asks for nothing any more").isFalse();
  }
}
