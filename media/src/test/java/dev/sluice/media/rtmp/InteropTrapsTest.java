package dev.sluice.media.rtmp;

import static dev.sluice.media.Wire.filler;
import static dev.sluice.media.Wire.hex;
import static dev.sluice.media.Wire.join;
import static dev.sluice.media.rtmp.ChunkCollector.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.media.Wire;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.rtmp.RtmpException.Reason;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What real encoders and players do that a reading of the specification would not tell, as bytes:
 * one test for each trap of the wire. Those of media and streams are in the test of the same name
 * beside the live engine.
 */
@ExtendWith(LeakCheck.class)
class InteropTrapsTest {
  private static final AmfValue NULL = AmfValue.Nothing.NULL;
  private static final byte[] KEYFRAME = hex("17 01 000000 00000002 6588");
  private static final byte[] AVC_HEADER = hex("17 00 000000 0164001fffe10000");
  private static final byte[] AAC_HEADER = hex("af 00 1210");

  private static List<String> decoded(byte[]... wire) {
    ChunkCollector whole = new ChunkCollector();
    ChunkCollector bytewise = new ChunkCollector();
    for (ChunkCollector each : List.of(whole, bytewise)) {
      try (ChunkDecoder decoder = new ChunkDecoder(ByteBufAllocator.DEFAULT, RtmpLimits.DEFAULT)) {
        int piece = each == whole ? Integer.MAX_VALUE / 2 : 1;
        Wire.lendInPieces(join(wire), piece, in -> decoder.decode(in, each));
      }
    }
    assertThat(bytewise.messages).as("byte by byte").isEqualTo(whole.messages);
    return whole.messages;
  }

  private static Peer publishing() {
    Peer peer = Peer.connected("live");
    peer.publish(1, "demo");
    peer.session.acceptPublish();
    peer.answers();
    peer.events.clear();
    return peer;
  }

  private static Peer playing() {
    Peer peer = Peer.connected("live");
    peer.play(1, "demo");
    peer.session.acceptPlay();
    peer.answers();
    peer.events.clear();
    return peer;
  }

  // ---- chunks

  @Test
  void trap01_extendedTimestampIsWrittenOnEveryType3ChunkAndReadThere() {
    byte[] body = filler(ChunkEncoder.OUT_CHUNK_SIZE + 1);
    ByteBuf out = ByteBufAllocator.DEFAULT.buffer();
    Wire.lend(
        body,
        in -> ChunkEncoder.writeMessage(out, 6, 9, 1, 0x01020304, in, ChunkEncoder.OUT_CHUNK_SIZE));
    byte[] wire = Wire.bytes(out);
    out.release();
    int second = 12 + 4 + ChunkEncoder.OUT_CHUNK_SIZE;
    assertThat(Arrays.copyOfRange(wire, second, wire.length))
        .isEqualTo(
            join(hex("c6 01020304"), Arrays.copyOfRange(body, body.length - 1, body.length)));
    assertThat(decoded(hex("02 000000 000004 01 00000000 0000ea60"), wire))
        .containsExactly(message(9, 1, 0x01020304, body));
  }

  @Test
  void trap02_extendedTimestampMissingOnType3IsPayload() {
    byte[] body = filler(300);
    byte[] wire =
        join(
            hex("06 ffffff 00012c 09 01000000", "01000000"),
            Arrays.copyOf(body, 128),
            hex("c6"),
            Arrays.copyOfRange(body, 128, 256),
            hex("c6"),
            Arrays.copyOfRange(body, 256, 300));
    assertThat(decoded(wire)).containsExactly(message(9, 1, 0x01000000, body));
  }

  @Test
  void trap03_extendedValueOfType1And2IsADelta() {
    assertThat(
            decoded(
                hex("04 000064 000001 08 01000000 aa", "44 ffffff 000001 08 01000000 bb"),
                hex("84 ffffff 01000001 cc")))
        .containsExactly("8/1@100 aa", "8/1@16777316 bb", "8/1@33554533 cc");
  }

  @Test
  void trap04_type3ThatStartsAMessageRepeatsTheDeltaUnlessAbsurd() {
    assertThat(decoded(hex("04 000014 000001 08 01000000 aa", "84 000017 bb", "c4 cc", "c4 dd")))
        .containsExactly("8/1@20 aa", "8/1@43 bb", "8/1@66 cc", "8/1@89 dd");
    assertThat(decoded(hex("04 000028 000001 08 01000000 aa", "c4 bb")))
        .as("after type 0 its time is the delta")
        .containsExactly("8/1@40 aa", "8/1@80 bb");
    assertThat(decoded(hex("04 ffffff 000001 08 01000000 7f000000 aa", "c4 7f000000 bb")))
        .as("no delta of 24 days")
        .containsExactly("8/1@2130706432 aa", "8/1@2130706432 bb");
  }

  @Test
  void trap05_firstChunkOfAnyTypeIsReadAgainstZeros() {
    assertThat(decoded(hex("42 000000 000006 04 0006 00000001", "c7", "8a 000005")))
        .containsExactly("4/0@0 000600000001", "0/0@0 ", "0/0@5 ");
  }

  @Test
  void trap06_chunkStreamIdsOfTwoAndThreeBytesAreReadAndCapped() {
    assertThat(
            decoded(
                hex("00 00 000001 000001 09 01000000 11", "01 ff ff 000004 000001 09 01000000 44")))
        .containsExactly("9/1@1 11", "9/1@4 44");
    try (Peer peer = publishing()) {
      assertThatThrownBy(
              () -> {
                for (int id = 0; id < 5000; id++) {
                  peer.raw(join(hex("01"), new byte[] {(byte) id, (byte) (id >> 8)}, new byte[11]));
                }
              })
          .isInstanceOfSatisfying(
              RtmpException.class,
              e -> assertThat(e.reason()).isEqualTo(Reason.TOO_MANY_CHUNK_STREAMS));
    }
  }

  @Test
  void trap07_chunkSizeUpTo31BitsIsLegalAndNeverAllocated() {
    try (ChunkDecoder decoder = new ChunkDecoder(ByteBufAllocator.DEFAULT, RtmpLimits.DEFAULT)) {
      ChunkCollector collector = new ChunkCollector();
      byte[] wire =
          join(
              hex("02 000000 000004 01 00000000 7fffffff"),
              hex("06 000000 800000 09 01000000"),
              filler(100));
      Wire.lend(wire, in -> decoder.decode(in, collector));
      assertThat(decoder.chunkSize()).isEqualTo(0x7FFFFFFF);
      assertThat(decoder.heldBytes()).isLessThanOrEqualTo(16 << 10);
      for (String bad : List.of("00000000", "80000000", "ffffffff")) {
        assertThatThrownBy(() -> decoded(hex("02 000000 000004 01 00000000", bad)))
            .isInstanceOfSatisfying(
                RtmpException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_CHUNK_SIZE));
      }
    }
  }

  @Test
  void trap08_largeChunkSizeIsAnnouncedOnceRightAtConnect() {
    try (Peer peer = new Peer().shakeHands()) {
      peer.command(0, "connect", 1, new AmfValue.Obj(Map.of("app", AmfValue.of("live"))));
      peer.answers();
      assertThat(peer.answeredChunkSize()).isBetween(4096, 65536);
    }
  }

  @Test
  void trap09_messagesInterleaveBetweenChannelsAndAbortIsObeyed() {
    byte[] video = filler(130);
    assertThat(
            decoded(
                hex("06 000028 000082 09 01000000"),
                Arrays.copyOf(video, 128),
                hex("04 000028 000001 08 01000000 aa"),
                hex("c6"),
                Arrays.copyOfRange(video, 128, 130),
                hex("06 000050 000082 09 01000000"),
                Arrays.copyOf(video, 128),
                hex("02 000000 000004 02 00000000 00000006"),
                hex("06 000078 000001 09 01000000 ee")))
        .containsExactly("8/1@40 aa", message(9, 1, 40, video), "9/1@120 ee");
  }

  @Test
  void trap10_acknowledgementsComeAtThePeersWindowAndPingsAreAnswered() {
    try (Peer peer = publishing()) {
      peer.message(5, 0, 0, hex("00001000"));
      peer.message(99, 0, 0, new byte[4096]);
      assertThat(peer.answers()).as("what came before the window").hasSize(1);
      long before = peer.session.bytesReceived();
      peer.message(99, 0, 0, new byte[3000]);
      assertThat(peer.answers()).as("below the window").isEmpty();
      peer.message(99, 0, 0, new byte[1100]);
      long sum = peer.session.bytesReceived();
      assertThat(sum - before).isGreaterThan(4096);
      assertThat(peer.answers()).containsExactly(String.format("3/0@0 %08x", sum));
      peer.message(4, 0, 0, hex("0006 12345678"));
      peer.message(4, 0, 0, hex("0003 00000001 00000bb8"));
      peer.message(4, 0, 0, hex("0020 00000001"));
      assertThat(peer.answers()).containsExactly("4/0@0 000712345678");
    }
  }

  @Test
  void trap11_aLyingMessageLengthCostsNothing() {
    try (Peer peer = publishing();
        ChunkDecoder decoder = new ChunkDecoder(ByteBufAllocator.DEFAULT, RtmpLimits.DEFAULT)) {
      Wire.lend(
          join(hex("06 000000 ffffff 09 01000000"), filler(128)),
          in -> decoder.decode(in, new ChunkCollector()));
      assertThat(decoder.heldBytes()).isLessThanOrEqualTo(16 << 10);
      peer.message(9, 1, 0, join(hex("17 01 000000"), new byte[4 << 20]));
      assertThat(peer.events).as("a 4K keyframe of 4 MiB passes").hasSize(1);
    }
  }

  // ---- commands

  @Test
  void trap12_burstOfCommandsIsAnsweredEachWithItsTransactionAndNoError() {
    try (Peer peer = Peer.connected("live")) {
      peer.command(0, "releaseStream", 2, NULL, AmfValue.of("demo"));
      peer.command(0, "FCPublish", 3, NULL, AmfValue.of("demo"));
      peer.command(0, "createStream", 4, NULL);
      peer.command(0, "FCSubscribe", 5, NULL, AmfValue.of("demo"));
      peer.command(0, "neverHeardOf", 6, NULL);
      assertThat(peer.answers())
          .containsExactly(
              "0: _result 2 NULL UNDEFINED",
              "0: _result 3 NULL UNDEFINED",
              "0: _result 4 NULL 1",
              "0: _result 5 NULL UNDEFINED",
              "0: _result 6 NULL UNDEFINED");
    }
  }

  @Test
  void trap13_checkbwAndAnyOrderBeforePublishAreFine() {
    try (Peer peer = Peer.connected("live")) {
      peer.command(0, "_checkbw", 2, NULL);
      peer.command(0, "createStream", 3, NULL);
      peer.command(0, "createStream", 4, NULL);
      peer.command(0, "FCPublish", 5, NULL, AmfValue.of("demo"));
      peer.command(0, "releaseStream", 6, NULL, AmfValue.of("demo"));
      assertThat(peer.answers()).hasSize(5).contains("0: _result 4 NULL 1");
      peer.publish(1, "demo");
      peer.session.acceptPublish();
      assertThat(peer.answers()).endsWith("1: onStatus 0 NULL NetStream.Publish.Start");
    }
  }

  @Test
  void trap14_getStreamLengthIsAnsweredWithANumber() {
    try (Peer peer = Peer.connected("live")) {
      peer.command(0, "getStreamLength", 3, NULL, AmfValue.of("demo"));
      assertThat(peer.answers()).containsExactly("0: _result 3 NULL 0");
    }
  }

  @Test
  void trap15_playStartIsReadAsClientsMeanIt() {
    Map<Double, PlayRequest.Start> meant = new LinkedHashMap<>();
    meant.put(-2.0, PlayRequest.Start.LIVE_OR_RECORDED);
    meant.put(-2000.0, PlayRequest.Start.LIVE_OR_RECORDED);
    meant.put(-3.0, PlayRequest.Start.LIVE_OR_RECORDED);
    meant.put(-1.0, PlayRequest.Start.LIVE);
    meant.put(-1000.0, PlayRequest.Start.LIVE);
    meant.put(0.0, PlayRequest.Start.RECORDED);
    meant.forEach(
        (start, expected) -> {
          try (Peer peer = Peer.connected("live")) {
            peer.play(1, "demo", AmfValue.of(start), AmfValue.of(-1), AmfValue.of(true));
            assertThat(peer.play.start()).as("start %s", start).isEqualTo(expected);
          }
        });
  }

  @Test
  void trap16_prefixesAndEndingsOfTheNameAreUnderstood() {
    for (String name : List.of("demo", "demo.flv", "flv:demo", "mp4:demo", "flv:demo.flv")) {
      assertThat(played("live", name)).as(name).isEqualTo("play live/demo");
    }
    assertThat(played("live", "mp4:demo.mp4")).isEqualTo("play live/demo.mp4");
  }

  @Test
  void trap17_appAndNameAreJoinedWhereverTheClientCutsTheUrl() {
    assertThat(played("a/b", "c")).isEqualTo("play a/b/c");
    assertThat(played("a", "b/c")).isEqualTo("play a/b/c");
    assertThat(played("live/_definst_", "demo")).isEqualTo("play live/demo");
  }

  @Test
  void trap18_queriesAreCollectedFromEverywhereAndDotsStay() {
    try (Peer peer = new Peer().shakeHands()) {
      Map<String, AmfValue> about = new LinkedHashMap<>();
      about.put("app", AmfValue.of("live?token=x/extra?y=1"));
      about.put("tcUrl", AmfValue.of("rtmp://h/live?from=url"));
      peer.command(0, "connect", 1, new AmfValue.Obj(about));
      peer.play(1, "v1.2.demo?key=a%2Fb&z");
      assertThat(peer.play.toString()).isEqualTo("play live/extra/v1.2.demo");
      assertThat(peer.play.params())
          .containsEntry("token", "x")
          .containsEntry("y", "1")
          .containsEntry("key", "a/b")
          .containsEntry("z", "")
          .containsEntry("from", "url");
    }
  }

  private static String played(String app, String name) {
    try (Peer peer = Peer.connected(app)) {
      peer.play(1, name);
      return peer.play.toString();
    }
  }

  @Test
  void trap19_onStatusGoesOnTheMessageStreamOfThePlay() {
    try (Peer peer = Peer.connected("live")) {
      peer.play(1, "demo");
      peer.session.acceptPlay();
      assertThat(peer.answers())
          .contains("1: onStatus 0 NULL NetStream.Play.Reset")
          .contains("1: onStatus 0 NULL NetStream.Play.Start")
          .contains("4/0@0 000000000001")
          .noneMatch(line -> line.contains("NetStream.Data.Start"));
    }
  }

  @Test
  void trap20_publishStartIsSaidOnlyWhenAccepted() {
    try (Peer peer = Peer.connected("live")) {
      peer.publish(1, "demo");
      assertThat(peer.answers()).isEmpty();
      peer.session.rejectPublish("NetStream.Publish.Denied", "wrong key");
      assertThat(peer.answers()).containsExactly("1: onStatus 0 NULL NetStream.Publish.Denied");
    }
  }

  @Test
  void trap21_headersOfEveryTrackSentBeforeAcceptanceFollowIt() {
    byte[] metadata = hex("02 000a 6f6e4d65746144617461 03 000009");
    try (Peer peer = Peer.connected("live")) {
      peer.message(18, 0, 0, metadata);
      peer.message(18, 0, 0, hex("02 0006 6f6e54657874 05")); // onText replaces no metadata
      peer.message(9, 1, 0, AVC_HEADER);
      peer.publish(1, "demo");
      peer.message(9, 1, 0, hex("94 68766331 02")); // HDR colours
      peer.message(9, 1, 0, hex("96 00 61763031 01 81")); // sequence start of track 1
      peer.message(8, 1, 0, AAC_HEADER);
      peer.message(9, 1, 0, KEYFRAME);
      peer.session.acceptPublish();
      assertThat(peer.events)
          .containsExactly(
              "publish live/demo",
              "SCRIPT 02000a6f6e4d657461446174610800000000000009",
              "VIDEO 17000000000164001fffe10000",
              "VIDEO 946876633102",
              "VIDEO 9600617630310181",
              "AUDIO af001210");
    }
  }

  @Test
  void trap22_fcUnpublishCloseStreamAndDeleteStreamEndAndRepublishWorks() {
    for (String way : List.of("FCUnpublish", "closeStream", "deleteStream")) {
      try (Peer peer = Peer.connected("live")) {
        peer.command(0, "FCPublish", 3, NULL, AmfValue.of("demo"));
        peer.publish(1, "demo");
        peer.session.acceptPublish();
        peer.answers();
        switch (way) {
          case "FCUnpublish" -> peer.command(0, way, 6, NULL, AmfValue.of("demo"));
          case "closeStream" -> peer.command(1, way, 0, NULL);
          default -> peer.command(0, way, 0, NULL, AmfValue.of(1));
        }
        List<String> answers = peer.answers();
        assertThat(answers).endsWith("1: onStatus 0 NULL NetStream.Unpublish.Success");
        if (way.equals("FCUnpublish")) {
          assertThat(answers)
              .contains("0: onFCUnpublish 0 NULL NetStream.Unpublish.Success")
              .contains("0: _result 6 NULL UNDEFINED");
        }
        peer.publish(1, "demo");
        peer.session.acceptPublish();
        assertThat(peer.events)
            .as(way)
            .containsExactly("publish live/demo", "unpublish explicit", "publish live/demo");
      }
    }
    Peer broken = publishing();
    broken.close();
    assertThat(broken.events).as("a broken socket may come back").containsExactly("unpublish lost");
  }

  @Test
  void trap24_redirectsGoOnlyToPeersThatSaidTheyReconnect() {
    for (double caps : new double[] {0, 1, 15}) {
      try (Peer peer = new Peer().shakeHands()) {
        Map<String, AmfValue> about = new LinkedHashMap<>();
        about.put("app", AmfValue.of("live"));
        about.put("capsEx", AmfValue.of(caps));
        peer.command(0, "connect", 1, new AmfValue.Obj(about));
        peer.answers();
        boolean asked = peer.session.requestReconnect("rtmp://other", "drain");
        assertThat(asked).isEqualTo(caps > 0);
        assertThat(peer.answers())
            .hasSize(asked ? 1 : 0)
            .allMatch(line -> line.endsWith("Connect.ReconnectRequest to rtmp://other/live"));
      }
    }
  }

  @Test
  void trap25_timesAreUnwrappedAndAHugeFirstTimeIsNotTakenForOneBeforeZero() {
    try (Peer peer = publishing()) {
      peer.message(9, 1, 0xFFFFFFF0L, KEYFRAME);
      peer.message(9, 1, 0x10, KEYFRAME);
      assertThat(peer.tagTimes).containsExactly(0xFFFFFFF0L, 0x1_0000_0010L);
    }
    try (Peer peer = publishing()) {
      peer.message(9, 1, 0, AVC_HEADER); // ffmpeg stamps headers 0 whatever follows
      peer.message(9, 1, 3_000_000_000L, KEYFRAME);
      peer.message(9, 1, 3_000_000_040L, KEYFRAME);
      assertThat(peer.tagTimes).containsExactly(0L, 3_000_000_000L, 3_000_000_040L);
    }
    try (Peer peer = publishing()) {
      peer.message(9, 1, 0, KEYFRAME);
      peer.message(8, 1, 0xFFFFFFE9L, hex("af01aa")); // priming samples, 23 ms before zero
      peer.message(9, 1, 40, KEYFRAME);
      assertThat(peer.tagTimes).containsExactly(0L, 0L, 40L);
    }
  }

  @Test
  void trap34_enhancedRtmpIsAnsweredInTheConnectResult() {
    Map<String, AmfValue> about = new LinkedHashMap<>();
    about.put("app", AmfValue.of("live"));
    about.put(
        "fourCcList", new AmfValue.StrictArray(List.of(AmfValue.of("hvc1"), AmfValue.of("av01"))));
    about.put("videoFourCcInfoMap", new AmfValue.Obj(Map.of("hvc1", AmfValue.of(7))));
    about.put("audioFourCcInfoMap", new AmfValue.Obj(Map.of("*", AmfValue.of(1))));
    about.put("capsEx", AmfValue.of(0xFF));
    Map<String, AmfValue> info = connectResult(about);
    assertThat(info.get("fourCcList")).isEqualTo(about.get("fourCcList"));
    assertThat(info.get("videoFourCcInfoMap").asProperties())
        .isEqualTo(Map.of("hvc1", AmfValue.of(4)));
    assertThat(info.get("audioFourCcInfoMap").asProperties())
        .isEqualTo(Map.of("*", AmfValue.of(4)));
    assertThat(info.get("capsEx")).isEqualTo(AmfValue.of(0x0F));
    assertThat(connectResult(Map.of("app", AmfValue.of("live"))))
        .as("nothing for older peers")
        .doesNotContainKeys("fourCcList", "capsEx", "videoFourCcInfoMap");
  }

  private static Map<String, AmfValue> connectResult(Map<String, AmfValue> about) {
    SentBytes sent = new SentBytes();
    Command connect = new Command("connect", 1, List.of(new AmfValue.Obj(about)), 0);
    ConnectInfo.accept(connect, new MessageWriter(sent), "");
    Command[] result = new Command[1];
    try (ChunkDecoder decoder = new ChunkDecoder(ByteBufAllocator.DEFAULT, RtmpLimits.DEFAULT)) {
      Wire.lend(
          sent.take(),
          in ->
              decoder.decode(
                  in,
                  (type, stream, time, payload) -> {
                    if (Command.isCommand(type)) {
                      result[0] = Command.decode(type, stream, payload, RtmpLimits.DEFAULT);
                    }
                  }));
    }
    return result[0].value(1).asProperties();
  }

  @Test
  void trap37_nothingIsSaidWhileAPlayRequestWaits() {
    try (Peer peer = Peer.connected("live")) {
      peer.play(1, "demo");
      assertThat(peer.answers()).isEmpty();
      peer.session.rejectPlay("NetStream.Play.StreamNotFound", "There is no stream live/demo.");
      assertThat(peer.answers())
          .containsExactly("1: onStatus 0 NULL NetStream.Play.StreamNotFound");
    }
    try (Peer peer = playing()) {
      peer.command(1, "closeStream", 0, NULL);
      assertThat(peer.events).containsExactly("stop");
    }
  }
}
