package dev.sluice.media.rtmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.media.Wire;
import dev.sluice.media.amf.AmfLimits;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.ScriptData;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.rtmp.RtmpClientSession.Mode;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
class SessionPairTest {
  private static final RtmpTarget DEMO =
      new RtmpTarget("live", "rtmp://origin:1935/live", "demo?key=se%20cret");
  private static final byte[] AVC_KEYFRAME = Wire.hex("17 01 000000", "00000002 65 88");
  private static final byte[] AVC_HEADER = Wire.hex("17 00 000000", "01 64 00 1f ff e1 00 00");

  private static FlvTag tag(TagType type, long timestampMs, byte[] body) {
    return new FlvTag(type, timestampMs, Wire.buffer(body));
  }

  private static void send(SessionPair pair, TagType type, long timestampMs, byte[] body) {
    FlvTag tag = tag(type, timestampMs, body);
    try {
      pair.client.sendTag(tag, timestampMs);
    } finally {
      tag.release();
    }
  }

  private static byte[] encoded(TagType type, long timestampMs, byte[] body) {
    FlvTag tag = tag(type, timestampMs, body);
    ByteBuf out = ByteBufAllocator.DEFAULT.buffer();
    try {
      ChunkEncoder.writeTag(out, tag, timestampMs);
      assertThat(out.readableBytes()).isEqualTo(ChunkEncoder.tagBytes(tag, timestampMs));
      return Wire.bytes(out);
    } finally {
      out.release();
      tag.release();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 1536, 100_000})
  void publisherReachesServerWhateverThePieces(int pieceBytes) {
    try (SessionPair pair = new SessionPair(DEMO, Mode.PUBLISH, pieceBytes).run()) {
      assertThat(pair.clientSaw).containsExactly("NetStream.Publish.Start", "ready");
      assertThat(pair.publish)
          .isEqualTo(new PublishRequest("live", "demo", Map.of("key", "se cret"), 1));

      byte[] picture = Wire.join(AVC_KEYFRAME, Wire.filler(150_000));
      send(pair, TagType.VIDEO, 0, AVC_HEADER);
      send(pair, TagType.VIDEO, 40, picture);
      send(pair, TagType.AUDIO, 0xFFFFFFF0L, Wire.hex("af 01 21 10"));
      pair.run();

      assertThat(pair.serverSaw)
          .containsExactly(
              "publish live/demo",
              "FlvTag[VIDEO at 0 ms, 13 bytes, sequence header]",
              "FlvTag[VIDEO at 40 ms, 150011 bytes, keyframe]",
              "FlvTag[AUDIO at 0 ms, 4 bytes]"); // 16 ms before 0 counts as 0
      assertThat(pair.tagPayloads.get(1)).isEqualTo(picture);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 4096, 1_000_000})
  void viewerGetsTheEnginesBytesWhateverThePieces(int pieceBytes) {
    try (SessionPair pair = new SessionPair(DEMO, Mode.PLAY, pieceBytes).run()) {
      assertThat(pair.serverSaw).containsExactly("play live/demo", "buffer 3000");
      assertThat(pair.play.start()).isEqualTo(PlayRequest.Start.LIVE_OR_RECORDED);
      assertThat(pair.clientSaw)
          .containsExactly("NetStream.Play.Reset", "NetStream.Play.Start", "ready");

      byte[] picture = Wire.join(AVC_KEYFRAME, Wire.filler(130_000));
      pair.writeToClient(encoded(TagType.VIDEO, 0xFFFFFE00L, AVC_HEADER));
      pair.writeToClient(encoded(TagType.VIDEO, 0xFFFFFE00L, picture));
      pair.writeToClient(encoded(TagType.AUDIO, 0x1_0000_0010L, Wire.hex("af 01 21")));
      pair.run();

      assertThat(pair.tagTimes).containsExactly(0xFFFFFE00L, 0xFFFFFE00L, 0x1_0000_0010L);
      assertThat(pair.tagPayloads.get(1)).isEqualTo(picture);
    }
  }

  @Test
  void metadataIsSentAsSetDataFrameAndArrivesAsLiveEcmaArray() {
    ScriptData metadata =
        new ScriptData(
            "onMetaData",
            List.of(
                new AmfValue.Obj(Map.of("width", AmfValue.of(640), "duration", AmfValue.of(0)))));
    try (SessionPair pair = new SessionPair(DEMO, Mode.PUBLISH, 64).run()) {
      FlvTag tag = new FlvTag(TagType.SCRIPT, 0, metadata.encode(ByteBufAllocator.DEFAULT));
      pair.client.sendTag(tag, 0);
      tag.release();
      pair.run();

      Wire.lend(
          pair.tagPayloads.getFirst(),
          body ->
              assertThat(ScriptData.decode(body, AmfLimits.DEFAULT))
                  .isEqualTo(ScriptData.onMetaData(Map.of("width", AmfValue.of(640)))));
    }
  }

  @Test
  void refusedPublisherLearnsWhy() {
    SessionPair pair = new SessionPair(DEMO, Mode.PUBLISH, 1000);
    pair.acceptAtOnce = false;
    try (pair) {
      pair.run();
      assertThat(pair.clientSaw).isEmpty();
      pair.server.rejectPublish("NetStream.Publish.Denied", "stream key does not match");
      pair.run();
      assertThat(pair.clientSaw)
          .containsExactly(
              "NetStream.Publish.Denied",
              "REFUSED NetStream.Publish.Denied: stream key does not match");
    }
  }

  @Test
  void viewerOfMissingStreamIsToldSo() {
    SessionPair pair = new SessionPair(DEMO, Mode.PLAY, 1000);
    pair.acceptAtOnce = false;
    try (pair) {
      pair.run();
      pair.server.rejectPlay("NetStream.Play.StreamNotFound", "no publisher");
      pair.run();
      assertThat(pair.clientSaw.getLast())
          .isEqualTo("NOT_FOUND NetStream.Play.StreamNotFound: no publisher");
    }
  }

  /** What servers say of an end: status codes, and EOF for a Stream EOF. */
  @ParameterizedTest
  @CsvSource({
    "ours when the publisher ends, EOF NetStream.Play.UnpublishNotify NetStream.Play.Stop, ENDED",
    "nginx-rtmp with play_restart, EOF NetStream.Play.Stop, ENDED",
    "nginx-rtmp with publish_notify, EOF NetStream.Play.UnpublishNotify, ENDED",
    "nginx-rtmp as it is shipped: it says no more, EOF, ''",
    "a stop alone, NetStream.Play.Stop, UNAVAILABLE",
    "a server that goes down, NetConnection.Connect.Closed, UNAVAILABLE",
    "an application that goes down, error:NetConnection.Connect.AppShutdown, UNAVAILABLE",
    "ours when the line is too slow, error:NetStream.Play.Failed, UNAVAILABLE",
    "a warning, warning:NetStream.Play.InsufficientBW, ''",
    "a reason of its own, error:NetStream.Play.SomethingElse, UNAVAILABLE",
    "a token that ran out, error:NetStream.Play.Denied, REFUSED",
  })
  void anUpstreamsReasonIsNotTheEndOfTheStream(String who, String said, String end) {
    try (SessionPair pair = new SessionPair(DEMO, Mode.PLAY, 1000).run()) {
      MessageWriter upstream = new MessageWriter(pair::fromServer);
      for (String word : said.split(" ", -1)) {
        int colon = word.indexOf(':');
        if (word.equals("EOF")) {
          upstream.sendUserControl(MessageWriter.STREAM_EOF, 1);
        } else {
          String level = colon < 0 ? "status" : word.substring(0, colon);
          upstream.sendStatus(1, level, word.substring(colon + 1), "");
        }
      }
      pair.run();
      List<String> ends = pair.clientSaw.stream().filter(line -> line.endsWith(": ")).toList();
      assertThat(ends).as(who).hasSize(end.isEmpty() ? 0 : 1);
      assertThat(end.isEmpty() || ends.getFirst().startsWith(end + " ")).as(who).isTrue();
    }
  }

  @Test
  void aStopIsNotTheEndWhenMediaCameBehindTheEof() {
    try (SessionPair pair = new SessionPair(DEMO, Mode.PLAY, 1000).run()) {
      MessageWriter upstream = new MessageWriter(pair::fromServer);
      upstream.sendUserControl(MessageWriter.STREAM_EOF, 1);
      FlvTag tag = new FlvTag(TagType.VIDEO, 0, Wire.buffer(Wire.hex("27 01 000000 00")));
      upstream.sendTag(1, tag, 0);
      tag.release();
      upstream.sendStatus(1, "status", "NetStream.Play.Stop", "");
      pair.run();
      assertThat(pair.clientSaw.getLast()).startsWith("UNAVAILABLE ");
    }
  }

  @Test
  void endOfStreamEndsTheViewerOnce() {
    try (SessionPair pair = new SessionPair(DEMO, Mode.PLAY, 1000).run()) {
      pair.server.endPlay("publisher left");
      pair.run();
      assertThat(pair.clientSaw)
          .endsWith(
              "NetStream.Play.UnpublishNotify",
              "ENDED NetStream.Play.UnpublishNotify: publisher left");
    }
  }

  @Test
  void politePublisherEndsExplicitlyAndOnlyOnce() {
    try (SessionPair pair = new SessionPair(DEMO, Mode.PUBLISH, 1000).run()) {
      pair.client.stop();
      pair.run();
      pair.server.close();
      assertThat(pair.serverSaw).containsExactly("publish live/demo", "unpublish explicit");
    }
  }

  @Test
  void lostConnectionIsNotAnExplicitEnd() {
    try (SessionPair pair = new SessionPair(DEMO, Mode.PUBLISH, 1000).run()) {
      pair.server.close();
      assertThat(pair.serverSaw).endsWith("unpublish lost");
    }
    try (SessionPair pair = new SessionPair(DEMO, Mode.PLAY, 1000).run()) {
      pair.server.close();
      assertThat(pair.serverSaw).endsWith("stop");
    }
  }

  @Test
  void tagBeforeTheServerAcceptedIsACallersMistake() {
    SessionPair pair = new SessionPair(DEMO, Mode.PUBLISH, 1000);
    pair.acceptAtOnce = false;
    try (pair) {
      pair.run();
      assertThatThrownBy(() -> send(pair, TagType.VIDEO, 0, AVC_HEADER))
          .isInstanceOf(IllegalStateException.class);
    }
  }
}
