package dev.sluice.media.rtmp;

import static dev.sluice.media.Wire.hex;
import static dev.sluice.media.Wire.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.rtmp.RtmpException.Reason;
import dev.sluice.testkit.LeakCheck;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class RtmpServerSessionTest {
  private static final AmfValue NULL = AmfValue.Nothing.NULL;
  private static final byte[] AVC_HEADER = hex("17 00 000000 0164001fffe10000");
  private static final byte[] AVC_KEYFRAME = hex("17 01 000000 00000002 6588");
  private static final byte[] AAC_HEADER = hex("af 00 1210");

  @Test
  void connectIsReadFromTheWire() {
    try (Peer peer = new Peer().shakeHands()) {
      peer.raw(
          hex(
              "03 000000 00003c 14 00000000", // chunk stream 3, 60 bytes, AMF0 command
              "02 0007 636f6e6e656374", // "connect"
              "00 3ff0000000000000", // transaction 1
              "03", // object
              "0003 617070 02 0004 6c697665", // app: "live"
              "0008 666c617368566572 02 0003 4f4253", // flashVer: "OBS"
              "0004 66706164 01 00", // fpad: false
              "000009",
              "05"));
      assertThat(peer.session.peerVersion()).isEqualTo("OBS");
      assertThat(peer.answers()).endsWith("0: _result 1 Obj NetConnection.Connect.Success");
    }
  }

  @Test
  void trap8LargeChunkSizeIsAnnouncedOnceRightAtConnect() {
    try (Peer peer = new Peer().shakeHands()) {
      peer.command(0, "connect", 1, new AmfValue.Obj(Map.of("app", AmfValue.of("live"))));
      assertThat(peer.answers())
          .containsExactly(
              "5/0@0 002625a0", // Window Acknowledgement Size 2500000
              "6/0@0 002625a002", // Set Peer Bandwidth 2500000, dynamic
              "0: _result 1 Obj NetConnection.Connect.Success");
      assertThat(peer.answeredChunkSize()).isEqualTo(ChunkEncoder.OUT_CHUNK_SIZE);
    }
  }

  @Test
  void trap12BurstOfCommandsIsAnsweredEachWithItsTransaction() {
    try (Peer peer = Peer.connected("live")) {
      peer.command(0, "releaseStream", 2, NULL, AmfValue.of("demo"));
      peer.command(0, "FCPublish", 3, NULL, AmfValue.of("demo"));
      peer.command(0, "createStream", 4, NULL);
      peer.command(0, "_checkbw", 5, NULL);
      assertThat(peer.answers())
          .containsExactly(
              "0: _result 2 NULL UNDEFINED",
              "0: _result 3 NULL UNDEFINED",
              "0: _result 4 NULL 1",
              "0: _result 5 NULL UNDEFINED");
    }
  }

  @Test
  void trap13CreateStreamMayComeTwiceAndFcPublishLast() {
    try (Peer peer = Peer.connected("live")) {
      peer.command(0, "createStream", 2, NULL);
      peer.command(0, "createStream", 3, NULL);
      peer.command(0, "FCPublish", 4, NULL, AmfValue.of("demo"));
      peer.answers();
      peer.publish(1, "demo");
      peer.session.acceptPublish();
      assertThat(peer.answers())
          .containsExactly(
              "0: onFCPublish 0 NULL NetStream.Publish.Start",
              "1: onStatus 0 NULL NetStream.Publish.Start");
    }
  }

  @Test
  void trap14StreamLengthIsAnswered() {
    try (Peer peer = Peer.connected("live")) {
      peer.streamSeconds = 12;
      peer.command(0, "getStreamLength", 3, NULL, AmfValue.of("demo"));
      assertThat(peer.answers()).containsExactly("0: _result 3 NULL 12");
      assertThat(peer.events).containsExactly("length of live/demo");
    }
  }

  @Test
  void trap15StartArgumentIsReadAsClientsMeanIt() {
    assertThat(startOf()).isEqualTo(PlayRequest.Start.LIVE_OR_RECORDED);
    assertThat(startOf(AmfValue.of(-2))).isEqualTo(PlayRequest.Start.LIVE_OR_RECORDED);
    assertThat(startOf(AmfValue.of(-2000))).isEqualTo(PlayRequest.Start.LIVE_OR_RECORDED);
    assertThat(startOf(AmfValue.of(-1))).isEqualTo(PlayRequest.Start.LIVE);
    assertThat(startOf(AmfValue.of(-1000))).isEqualTo(PlayRequest.Start.LIVE);
    assertThat(startOf(AmfValue.of(0))).isEqualTo(PlayRequest.Start.RECORDED);
    assertThat(startOf(AmfValue.of(-2000), AmfValue.of(-1), AmfValue.of(true)))
        .isEqualTo(PlayRequest.Start.LIVE_OR_RECORDED);
  }

  private static PlayRequest.Start startOf(AmfValue... more) {
    try (Peer peer = Peer.connected("live")) {
      peer.play(1, "demo", more);
      return peer.play.start();
    }
  }

  @Test
  void trap19PlayIsAcceptedOnItsOwnMessageStream() {
    try (Peer peer = Peer.connected("live")) {
      peer.play(1, "demo");
      assertThat(peer.answers()).as("trap 37: nothing before the answer").isEmpty();
      peer.session.acceptPlay();
      assertThat(peer.answers())
          .containsExactly(
              "4/0@0 000000000001", // Stream Begin 1
              "1: onStatus 0 NULL NetStream.Play.Reset",
              "1: onStatus 0 NULL NetStream.Play.Start",
              "1: |RtmpSampleAccess true true");
    }
  }

  @Test
  void trap20And21MediaBeforeAcceptanceIsKeptOnlyWhereItCannotBeSentAgain() {
    try (Peer peer = Peer.connected("live")) {
      byte[] metadata =
          hex(
              "02 000d 40736574446174614672616d65",
              "02 000a 6f6e4d65746144617461",
              "08 00000000 000009");
      peer.message(18, 0, 0, metadata); // on message stream 0
      peer.message(9, 1, 0, AVC_HEADER);
      peer.publish(1, "demo");
      assertThat(peer.answers()).isEmpty();
      peer.message(8, 1, 0, AAC_HEADER);
      peer.message(9, 1, 0, AVC_KEYFRAME);
      peer.session.acceptPublish();
      peer.message(9, 1, 40, AVC_KEYFRAME);
      assertThat(peer.events)
          .containsExactly(
              "publish live/demo",
              "SCRIPT 02000a6f6e4d657461446174610800000000000009",
              "VIDEO 17000000000164001fffe10000",
              "AUDIO af001210",
              "VIDEO 1701000000000000026588");
      assertThat(peer.tagTimes).containsExactly(0L, 0L, 0L, 40L);
    }
  }

  @Test
  void trap22EachWayToStopPublishingIsExplicitAndRepublishWorks() {
    for (String way : List.of("FCUnpublish", "closeStream", "deleteStream")) {
      try (Peer peer = Peer.connected("live")) {
        peer.publish(1, "demo");
        peer.session.acceptPublish();
        switch (way) {
          case "FCUnpublish" -> peer.command(0, way, 6, NULL, AmfValue.of("demo"));
          case "closeStream" -> peer.command(1, way, 0, NULL);
          default -> peer.command(0, way, 0, NULL, AmfValue.of(1));
        }
        peer.message(9, 1, 0, AVC_KEYFRAME);
        peer.publish(1, "again");
        peer.session.acceptPublish();
        peer.message(9, 1, 0, AVC_KEYFRAME);
        assertThat(peer.events)
            .as(way)
            .containsExactly(
                "publish live/demo",
                "unpublish explicit",
                "publish live/again",
                "VIDEO 1701000000000000026588");
      }
    }
  }

  @Test
  void publishingAnotherNameOnTheSameStreamReplacesTheFirst() {
    try (Peer peer = Peer.connected("live")) {
      peer.publish(1, "one");
      peer.session.acceptPublish();
      peer.publish(1, "two");
      assertThat(peer.events)
          .containsExactly("publish live/one", "unpublish explicit", "publish live/two");
    }
  }

  @Test
  void secondRoleOnAConnectionIsRefusedOnItsOwnStream() {
    try (Peer peer = Peer.connected("live")) {
      peer.publish(1, "one");
      peer.session.acceptPublish();
      peer.command(0, "createStream", 7, NULL);
      peer.answers();
      peer.publish(2, "two");
      peer.play(2, "one");
      assertThat(peer.answers())
          .containsExactly(
              "2: onStatus 0 NULL NetStream.Publish.BadName",
              "2: onStatus 0 NULL NetStream.Play.Failed");
      assertThat(peer.events).containsExactly("publish live/one");
    }
  }

  @Test
  void requestsThatNameNoStreamAreRefused() {
    try (Peer peer = Peer.connected("")) {
      peer.publish(1, "");
      peer.play(1, "");
      assertThat(peer.answers())
          .containsExactly(
              "1: onStatus 0 NULL NetStream.Publish.BadName",
              "1: onStatus 0 NULL NetStream.Play.StreamNotFound");
      assertThat(peer.events)
          .containsExactly(
              "bad name publish /: The stream has no name: use rtmp://HOST/APP/NAME, such as"
                  + " rtmp://HOST/live/demo.",
              "bad name play /: The stream has no name: use rtmp://HOST/APP/NAME, such as"
                  + " rtmp://HOST/live/demo.");
    }
  }

  @Test
  void namesThatHttpRefusesInAPathAreRefusedHereToo() {
    try (Peer peer = Peer.connected("live")) {
      peer.play(1, "a%2fb");
      peer.publish(1, "a%0a\"b");
      peer.command(0, "getStreamLength", 3, NULL, AmfValue.of("..%2fb"));
      assertThat(peer.answers())
          .containsExactly(
              "1: onStatus 0 NULL NetStream.Play.StreamNotFound",
              "1: onStatus 0 NULL NetStream.Publish.BadName",
              "0: _result 3 NULL 0");
      assertThat(peer.events)
          .containsExactly(
              "bad name play live/a/b: The stream's name has an encoded slash.",
              "bad name publish live/a??b: The stream's name has a control character or"
                  + " backslash.");
    }
  }

  @Test
  void lateAnswersDoNothing() {
    try (Peer peer = Peer.connected("live")) {
      peer.publish(1, "demo");
      peer.command(1, "closeStream", 0, NULL);
      peer.answers();
      peer.session.acceptPublish();
      peer.session.acceptPlay();
      peer.session.rejectPublish("x", "y");
      peer.session.rejectPlay("x", "y");
      peer.session.endPlay("z");
      peer.session.endPublish("x", "y");
      assertThat(peer.answers()).isEmpty();
    }
  }

  @Test
  void trap10PingsAreAnsweredAndUnknownEventsIgnored() {
    try (Peer peer = Peer.connected("live")) {
      peer.message(4, 0, 0, hex("0006 00000bb8")); // PingRequest 3000
      peer.message(4, 0, 0, hex("0003 00000001 00000bb8")); // SetBufferLength 3000 ms
      peer.message(4, 0, 0, hex("001f 00"));
      peer.message(99, 0, 0, hex("00"));
      peer.message(3, 0, 0, hex("00000010"));
      assertThat(peer.answers()).containsExactly("4/0@0 000700000bb8");
      assertThat(peer.events).containsExactly("buffer 3000");
    }
  }

  @Test
  void whatAnswersAPingIsToldAndWhatAnswersNoneIsNoFault() {
    try (Peer peer = Peer.connected("live")) {
      peer.session.sendPing(0x12345678L);
      assertThat(peer.answers()).containsExactly("4/0@0 000612345678");
      peer.message(4, 0, 0, hex("0007 12345678"));
      peer.message(4, 0, 0, hex("0007"));
      assertThat(peer.events).containsExactly("pong 12345678");
    }
  }

  @Test
  void trap10AcknowledgementComesAtThePeersWindow() {
    try (Peer peer = Peer.connected("live")) {
      peer.message(5, 0, 0, hex("00000400")); // window 1024
      peer.answers();
      long before = peer.session.bytesReceived();
      int messages = 0;
      List<String> acks = List.of();
      while (acks.isEmpty()) {
        peer.message(99, 0, 0, new byte[100]);
        messages++;
        acks = peer.answers();
      }
      assertThat(messages).isLessThanOrEqualTo(10);
      assertThat(acks).containsExactly(String.format("3/0@0 %08x", before + messages * 112L));
    }
  }

  @Test
  void viewerControlsReachTheEngine() {
    try (Peer peer = Peer.connected("live")) {
      peer.play(1, "demo");
      peer.session.acceptPlay();
      peer.answers();
      peer.command(1, "pause", 0, NULL, AmfValue.of(true), AmfValue.of(0));
      peer.command(1, "pause", 0, NULL, AmfValue.of(false), AmfValue.of(0));
      peer.command(1, "receiveAudio", 0, NULL, AmfValue.of(false));
      peer.command(1, "receiveVideo", 0, NULL, AmfValue.of(true));
      peer.command(1, "seek", 0, NULL, AmfValue.of(1000));
      peer.command(
          1, "play2", 0, NULL, new AmfValue.Obj(Map.of("streamName", AmfValue.of("other"))));
      assertThat(peer.answers())
          .containsExactly(
              "1: onStatus 0 NULL NetStream.Pause.Notify",
              "1: onStatus 0 NULL NetStream.Unpause.Notify",
              "1: onStatus 0 NULL NetStream.Seek.Notify");
      assertThat(peer.events)
          .containsExactly(
              "play live/demo LIVE_OR_RECORDED",
              "pause",
              "go on",
              "audio false",
              "video true",
              "stop",
              "play live/other LIVE_OR_RECORDED");
    }
  }

  @Test
  void endOfStreamIsSaidInTheWaysPlayersKnow() {
    try (Peer peer = Peer.connected("live")) {
      peer.play(1, "demo");
      peer.session.acceptPlay();
      peer.answers();
      peer.session.endPlay("publisher left");
      assertThat(peer.answers())
          .containsExactly(
              "4/0@0 000100000001", // Stream EOF 1
              "1: onStatus 0 NULL NetStream.Play.UnpublishNotify",
              "1: onStatus 0 NULL NetStream.Play.Stop");
      assertThat(peer.events).containsExactly("play live/demo LIVE_OR_RECORDED");
    }
  }

  @Test
  void amf3CommandsAreUnderstood() {
    try (Peer peer = Peer.connected("live")) {
      byte[] play = Peer.amf("play", 0, NULL, AmfValue.of("demo"));
      peer.message(17, 1, 0, join(hex("00"), play));
      assertThat(peer.events).containsExactly("play live/demo LIVE_OR_RECORDED");
    }
  }

  @Test
  void aggregateMessagesAreSplitAndTimedFromTheMessage() {
    try (Peer peer = Peer.connected("live")) {
      peer.publish(1, "demo");
      peer.session.acceptPublish();
      peer.message(
          22,
          1,
          5000,
          hex(
              "08 000002 000064 00 000000 af01 0000000d", // audio at 100
              "09 000002 00007b 00 000000 2701 0000000d", // video at 123
              "0f 000001 00007b 00 000000 00 0000000c")); // some other kind
      assertThat(peer.events).endsWith("AUDIO af01", "VIDEO 2701");
      assertThat(peer.tagTimes).containsExactly(5000L, 5023L);
      assertThatThrownBy(
              () -> peer.message(22, 1, 0, hex("08 0000ff 000064 00 000000 af01 0000000d")))
          .isInstanceOfSatisfying(
              RtmpException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_AGGREGATE));
    }
  }

  @Test
  void trap25TimesGoOnPast49Days() {
    try (Peer peer = Peer.connected("live")) {
      peer.publish(1, "demo");
      peer.session.acceptPublish();
      peer.message(9, 1, 0xFFFFFFF0L, AVC_KEYFRAME);
      peer.message(8, 1, 0x00000010, hex("af01aa"));
      peer.message(9, 1, 0xFFFFFFF8L, AVC_KEYFRAME);
      peer.message(18, 1, 0, hex("02 0001 78")); // metadata stamped 0 moves no clock
      peer.message(9, 1, 0x00000020, AVC_KEYFRAME);
      assertThat(peer.tagTimes)
          .containsExactly(
              0xFFFFFFF0L, 0x1_0000_0010L, 0xFFFFFFF8L, 0x1_0000_0000L, 0x1_0000_0020L);
    }
  }

  @Test
  void trap34EnhancedRtmpOffersAreEchoed() {
    AmfValue fourCcs = new AmfValue.StrictArray(List.of(AmfValue.of("hvc1")));
    Map<String, AmfValue> asked =
        Map.of("app", AmfValue.of("live"), "fourCcList", fourCcs, "capsEx", AmfValue.of(4));
    SentBytes sent = new SentBytes();
    MessageWriter writer = new MessageWriter(sent);
    ConnectInfo.accept(
        new Command("connect", 1, List.of(new AmfValue.Obj(asked)), 0), writer, "eu-1");
    byte[] bytes = sent.take();
    assertThat(new String(bytes, StandardCharsets.ISO_8859_1))
        .contains("fourCcList", "hvc1", "capsEx", "objectEncoding", "eu-1");
  }

  @Test
  void brokenCommandsHaveTheirReasons() {
    assertRefused(Reason.COMMAND_ORDER, new Peer().shakeHands(), peer -> peer.publish(1, "demo"));
    assertRefused(
        Reason.BAD_AMF, Peer.connected("live"), peer -> peer.message(20, 0, 0, hex("02 ffff 61")));
    assertRefused(
        Reason.BAD_AMF, Peer.connected("live"), peer -> peer.message(20, 0, 0, hex("05")));
    assertRefused(
        Reason.BAD_CONTROL, Peer.connected("live"), peer -> peer.message(4, 0, 0, hex("0006 00")));
    assertRefused(
        Reason.COMMAND_TOO_LARGE,
        Peer.connected("live"),
        peer -> peer.message(20, 0, 0, new byte[(64 << 10) + 1]));
    assertRefused(
        Reason.COMMAND_TOO_LARGE,
        Peer.connected("live"),
        peer -> peer.raw(hex("03 000000 fffff0 14 00000000"))); // 16 MiB announced, nothing sent
    assertRefused(
        Reason.NAME_TOO_LONG, Peer.connected("live"), peer -> peer.publish(1, "x".repeat(5000)));
  }

  private static void assertRefused(Reason reason, Peer peer, Consumer<Peer> action) {
    try (peer) {
      assertThatThrownBy(() -> action.accept(peer))
          .isInstanceOfSatisfying(
              RtmpException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }
  }

  @Test
  void closeEndsTheRoleOnceAndSilencesTheSession() {
    Peer peer = Peer.connected("live");
    peer.publish(1, "demo");
    peer.message(9, 1, 0, AVC_HEADER);
    peer.close();
    peer.session.close();
    peer.raw(hex("0102030405"));
    assertThat(peer.events).containsExactly("publish live/demo", "unpublish lost");
  }
}
