package dev.sluice.media.rtmp.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.amf.Amf0;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.fixture.Tags;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.rtmp.ChunkEncoder;
import dev.sluice.media.rtmp.RtmpClientSession.Mode;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A server may stop wherever it likes: a pull from it or a push to it ends at a deadline. Time is
 * the channel's own.
 */
@ExtendWith(LeakCheck.class)
class ServerStallsTest {
  private static final RtmpDeadlines DEADLINES =
      new RtmpDeadlines(
          Duration.ofSeconds(5),
          Duration.ofSeconds(8),
          Duration.ofSeconds(11),
          Duration.ofSeconds(14));
  private static final int HANDSHAKE_BYTES = 1 + 1536 + 1536;

  private final Socket socket = new Socket();
  private final List<ClientEnd> ends = new ArrayList<>();

  /** Where a server stops, and when we have had enough from then on. */
  enum Stall {
    IN_THE_HANDSHAKE(Mode.PLAY, DEADLINES.command()),
    AFTER_THE_HANDSHAKE(Mode.PLAY, DEADLINES.command()),
    AFTER_CONNECT(Mode.PLAY, DEADLINES.command()),
    AFTER_PLAY(Mode.PLAY, DEADLINES.ready()),
    AFTER_PUBLISH(Mode.PUBLISH, DEADLINES.ready()),
    WHILE_IT_SENDS(Mode.PLAY, DEADLINES.media()),
    WHILE_IT_TAKES(Mode.PUBLISH, DEADLINES.media());

    private final Mode mode;
    private final Duration limit;

    Stall(Mode mode, Duration limit) {
      this.mode = mode;
      this.limit = limit;
    }
  }

  /** A channel whose peer may stop to read. */
  private static final class Socket extends EmbeddedChannel {
    private boolean peerReads = true;

    @Override
    protected void doWrite(ChannelOutboundBuffer in) throws Exception {
      if (peerReads) {
        super.doWrite(in);
      }
    }
  }

  private RtmpClientHandler connected(Mode mode, boolean held) {
    RtmpClientHandler handler =
        new RtmpClientHandler(
            new RtmpUrl("server", 1935, "live", "a"), DEADLINES, null, mode, ends::add);
    if (held) {
      handler.hold();
    }
    socket.freezeTime();
    socket.pipeline().addLast(handler);
    socket.pipeline().fireChannelActive();
    return handler;
  }

  @AfterEach
  void close() {
    socket.peerReads = true;
    socket.finishAndReleaseAll();
  }

  private void answer(Stall at) {
    if (at == Stall.IN_THE_HANDSHAKE) {
      return;
    }
    socket.writeInbound(Unpooled.buffer().writeByte(3).writeZero(HANDSHAKE_BYTES - 1));
    if (at == Stall.AFTER_THE_HANDSHAKE) {
      return;
    }
    command("_result", 1, AmfValue.Nothing.NULL, AmfValue.Nothing.NULL);
    if (at == Stall.AFTER_CONNECT) {
      return;
    }
    command("_result", 4, AmfValue.Nothing.NULL, AmfValue.of(1));
    if (at == Stall.AFTER_PLAY || at == Stall.AFTER_PUBLISH) {
      return;
    }
    String code = at == Stall.WHILE_IT_TAKES ? "NetStream.Publish.Start" : "NetStream.Play.Start";
    command(
        "onStatus",
        0,
        AmfValue.Nothing.NULL,
        new AmfValue.Obj(Map.of("level", AmfValue.of("status"), "code", AmfValue.of(code))));
  }

  private void command(String name, int transaction, AmfValue... values) {
    ByteBuf body = Unpooled.buffer();
    Amf0.encode(body, AmfValue.of(name), AmfValue.of(transaction));
    Amf0.encode(body, values);
    ByteBuf out = Unpooled.buffer();
    ChunkEncoder.writeMessage(out, 3, 20, 0, 0, body, 128);
    socket.writeInbound(out);
  }

  /** Lets time pass, in which the server may send a byte a second of a message without end. */
  private void pass(Duration time, boolean dripping) {
    for (long i = 0; i < time.toSeconds(); i++) {
      if (dripping && socket.isOpen()) {
        socket.writeInbound(Unpooled.buffer().writeZero(1));
      }
      socket.advanceTimeBy(1, TimeUnit.SECONDS);
      socket.runScheduledPendingTasks();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aConnectionEndsWhereverItsServerStops(Stall stall) {
    RtmpClientHandler handler = connected(stall.mode, false);
    answer(stall);
    if (stall == Stall.WHILE_IT_TAKES) {
      socket.peerReads = false;
      send(handler, 1);
    }
    pass(stall.limit.minusSeconds(1), false);
    assertThat(socket.isOpen()).as("before its deadline").isTrue();
    pass(Duration.ofSeconds(4), false);
    assertThat(socket.isOpen()).as("after its deadline").isFalse();
    assertThat(ends).extracting(ClientEnd::kind).containsExactly(ClientEnd.Kind.TIMEOUT);
  }

  @ParameterizedTest
  @EnumSource(names = {"IN_THE_HANDSHAKE", "AFTER_THE_HANDSHAKE", "AFTER_CONNECT", "AFTER_PLAY"})
  void nothingIsWonByAnsweringAByteAtATime(Stall stall) {
    connected(stall.mode, false);
    answer(stall);
    pass(stall.limit.plusSeconds(1), true);
    assertThat(socket.isOpen()).isFalse();
  }

  private static void send(RtmpClientHandler handler, int number) {
    FlvTag tag = Tags.keyframe(number * 40L, number, 20_000);
    handler.session().sendTag(tag, tag.timestampMs());
    tag.release();
    handler.flush();
  }

  @Test
  void aPublisherMayBeSilentAndAServerSlow() {
    RtmpClientHandler handler = connected(Mode.PUBLISH, false);
    answer(Stall.WHILE_IT_TAKES);
    pass(Duration.ofMinutes(2), false);
    for (int i = 0; i < 20; i++) {
      socket.peerReads = false;
      send(handler, i);
      pass(Duration.ofSeconds(9), false);
      socket.peerReads = true;
      socket.flush();
      pass(Duration.ofSeconds(2), false);
    }
    assertThat(socket.isOpen()).isTrue();
    assertThat(ends).isEmpty();
  }

  @Test
  void aServerThatTakesNothingIsLeftThoughMoreIsWritten() {
    RtmpClientHandler handler = connected(Mode.PUBLISH, false);
    answer(Stall.WHILE_IT_TAKES);
    socket.peerReads = false;
    for (int i = 0; i < 17 && socket.isOpen(); i++) {
      send(handler, i);
      pass(Duration.ofSeconds(1), false);
    }
    assertThat(ends).extracting(ClientEnd::kind).containsExactly(ClientEnd.Kind.TIMEOUT);
    assertThat(ends.getFirst().detail()).isEqualTo("no media taken in 14000 ms");
  }

  @Test
  void aFarewellThatTheServerDoesNotTakeKeepsNoSocketOpen() {
    RtmpClientHandler handler = connected(Mode.PUBLISH, false);
    answer(Stall.WHILE_IT_TAKES);
    socket.peerReads = false;
    handler.stop();
    assertThat(socket.isOpen()).as("for as long as the server may take it").isTrue();
    pass(Duration.ofSeconds(6), false);
    assertThat(socket.isOpen()).isFalse();
    assertThat(ends).isEmpty();
  }

  @Test
  void aHeldConnectionWaitsForItsOwnerAndThenForTheServer() {
    RtmpClientHandler handler = connected(Mode.PLAY, true);
    answer(Stall.AFTER_PLAY);
    pass(Duration.ofMinutes(10), false);
    assertThat(socket.isOpen()).isTrue();
    handler.proceed();
    pass(DEADLINES.ready().plusSeconds(1), false);
    assertThat(ends).extracting(ClientEnd::kind).containsExactly(ClientEnd.Kind.TIMEOUT);
    assertThat(socket.isOpen()).isFalse();
  }
}
