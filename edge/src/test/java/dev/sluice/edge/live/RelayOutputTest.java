package dev.sluice.edge.live;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.live.fanout.StreamListener;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How the hub's stream goes on with another source. */
@ExtendWith(LeakCheck.class)
class RelayOutputTest {
  private static final StreamKey KEY = Objects.requireNonNull(StreamKey.parse("live/a"));

  private final List<String> shown = new ArrayList<>();

  /** Notes the letter that each body ends with. */
  private final class Shown implements StreamListener.Sink {
    @Override
    public void tag(FlvTag tag) {
      ByteBuf body = tag.payload();
      shown.add(String.valueOf((char) body.getByte(body.writerIndex() - 1)));
    }

    @Override
    public void closed(EndReason reason) {}
  }

  private static FlvTag tag(char kind, long timeMs) {
    ByteBuf body = ByteBufAllocator.DEFAULT.buffer(32);
    int first = kind == 'P' || kind == 'p' ? 0xA6 : 0x96;
    if (kind == 'D') {
      body.writeByte(0x94).writeBytes("avc1".getBytes(US_ASCII)); // colours
    } else {
      body.writeByte(first).writeByte(kind == 'H' || kind == 'h' ? 0 : 1);
      body.writeBytes("avc1".getBytes(US_ASCII)).writeByte(Character.isLowerCase(kind) ? 1 : 0);
    }
    boolean header = "HhD".indexOf(kind) >= 0;
    body.writeInt(header ? 0 : (int) timeMs).writeZero(8).writeByte(kind);
    return new FlvTag(TagType.VIDEO, timeMs, body);
  }

  private static void send(RelayOutput output, KeyframeLog source, String tags, long fromMs) {
    for (int i = 0; i < tags.length(); i++) {
      FlvTag tag = tag(tags.charAt(i), fromMs + i);
      source.see(tag, tag.timestampMs(), fromMs);
      output.put(tag, source, fromMs);
      tag.release();
    }
  }

  @Test
  void anotherSourceIsJoinedAtTheFirstPicturesKeyframeAndItsColoursAreKept() throws Exception {
    try (Node node = Node.origin()) {
      node.hub().listen((key, publisher) -> new Shown());
      EventLoop loop = node.loops().next();
      String all =
          Node.on(
              loop,
              () -> {
                RelayOutput output = new RelayOutput(node.hub(), KEY, loop);
                PublisherInfo from = PublisherInfo.relay("rtmp://first", "");
                output.begin(from);
                send(output, new KeyframeLog(), "HhIiPp", 0);
                output.switchTo(from);
                send(output, new KeyframeLog(), "HhDPipIiPp", 5_000);
                output.end(EndReason.STREAM_ENDED);
                return String.join("", shown);
              });
      assertThat(all).isEqualTo("HhIiPp" + "DIiPp");
    }
  }
}
