package dev.sluice.app.e2e;

import dev.sluice.media.access.PublishRefused;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.live.Publication;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Publishes an FLV file to a hub in the time of its tags, as fast as it is told to. */
final class FlvPump {
  private static final int HEADER = 9 + 4;
  private static final int TAG_HEADER = 11;

  private final ByteBuffer file;
  private final EventLoop loop;
  private final Publication publication;
  private long untilMs;

  FlvPump(Path flv, LiveHub hub, StreamKey key, EventLoop loop) throws Exception {
    this.file = ByteBuffer.wrap(Files.readAllBytes(flv)).position(HEADER);
    this.loop = loop;
    this.publication = loop.submit(() -> publish(hub, key)).get(90, TimeUnit.SECONDS);
  }

  private Publication publish(LiveHub hub, StreamKey key) throws PublishRefused {
    return hub.publish(key, PublisherInfo.encoder("test", ""), loop);
  }

  /** Sends so much more; false when the file is at its end. */
  boolean send(long ms) throws Exception {
    untilMs += ms;
    return loop.submit(this::sendNow).get(90, TimeUnit.SECONDS);
  }

  private boolean sendNow() throws IOException {
    while (file.remaining() > TAG_HEADER) {
      int at = file.position();
      int size = file.getInt(at) & 0xFFFFFF;
      int stamp = file.getInt(at + 4);
      long timeMs = (stamp >>> 8) | ((long) (stamp & 0xFF) << 24);
      if (timeMs > untilMs) {
        return true;
      }
      TagType type =
          switch (file.get(at) & 0x1F) {
            case 8 -> TagType.AUDIO;
            case 9 -> TagType.VIDEO;
            default -> TagType.SCRIPT;
          };
      byte[] body = new byte[size];
      file.get(at + TAG_HEADER, body);
      FlvTag tag = new FlvTag(type, timeMs, Unpooled.wrappedBuffer(body));
      publication.onTag(tag);
      tag.release();
      file.position(at + TAG_HEADER + size + Integer.BYTES);
    }
    return false;
  }

  /** The publisher is gone, and the stream with it. */
  void end() throws Exception {
    loop.submit(() -> publication.close(EndReason.STREAM_ENDED, Duration.ZERO))
        .get(90, TimeUnit.SECONDS);
  }
}
