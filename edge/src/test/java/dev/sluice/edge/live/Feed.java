package dev.sluice.edge.live;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.live.Publication;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Objects;

/**
 * Publishes numbered frames straight into a hub: 40 ms each, every 25th a keyframe; with sound too,
 * if asked.
 */
final class Feed {
  private final EventLoop loop;
  private final Publication publication;
  private int frames;
  private boolean sound;
  private long sounds;

  private Feed(Node node, StreamKey key, int firstFrame) throws Exception {
    frames = firstFrame;
    loop = node.loops().next();
    publication =
        Node.on(loop, () -> node.hub().publish(key, PublisherInfo.encoder("test", ""), loop));
    send(0, 0x17, 0, -1);
  }

  static Feed start(Node node, String key) throws Exception {
    return startAt(node, key, 0);
  }

  /** Joins in the middle: the origin counts its time from there. */
  static Feed startAt(Node node, String key, int firstFrame) throws Exception {
    return new Feed(node, Objects.requireNonNull(StreamKey.parse(key)), firstFrame);
  }

  /** With AAC at 44100 Hz. */
  static Feed startWithSound(Node node, String key, int firstFrame) throws Exception {
    Feed feed = startAt(node, key, firstFrame);
    feed.sound = true;
    feed.sounds = firstFrame * 40L * 44100 / 1024 / 1000;
    feed.send(new FlvTag(TagType.AUDIO, 0, bytes(0xAF, 0, 0x12, 0x10)));
    return feed;
  }

  private static ByteBuf bytes(int... bytes) {
    ByteBuf body = ByteBufAllocator.DEFAULT.buffer(bytes.length);
    for (int b : bytes) {
      body.writeByte(b);
    }
    return body;
  }

  void frames(int count) throws Exception {
    for (int i = 0; i < count; i++) {
      while (sound && sounds * 1024 * 1000 / 44100 < frames * 40L) {
        send(
            new FlvTag(
                TagType.AUDIO,
                sounds * 1024 * 1000 / 44100,
                bytes(0xAF, 1, (int) sounds >> 8, (int) sounds)));
        sounds++;
      }
      send(frames * 40L, frames % 25 == 0 ? 0x17 : 0x27, 1, frames);
      frames++;
    }
  }

  void close(EndReason reason) throws Exception {
    Node.on(
        loop,
        () -> {
          publication.close(reason);
          return true;
        });
  }

  /** The connection broke; the origin waits for the publisher to come back. */
  void breakFor(Duration hold) throws Exception {
    Node.on(
        loop,
        () -> {
          publication.close(EndReason.CONNECTION_LOST, hold);
          return true;
        });
  }

  private void send(long timestampMs, int first, int packetType, int number) throws Exception {
    ByteBuf body = ByteBufAllocator.DEFAULT.buffer(64);
    body.writeByte(first).writeByte(packetType).writeMedium(0);
    body.writeInt(24).writeByte(0x41).writeInt(number).writeZero(19);
    send(new FlvTag(TagType.VIDEO, timestampMs, body));
  }

  private void send(FlvTag tag) throws Exception {
    Node.on(
        loop,
        () -> {
          publication.onTag(tag);
          tag.release();
          return true;
        });
  }
}
