package dev.sluice.balancer.dns;

import static dev.sluice.balancer.dns.TestZone.PEER;
import static dev.sluice.balancer.dns.TestZone.query;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.metrics.Meters;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.xbill.DNS.Type;

@ExtendWith(LeakCheck.class)
class TcpHandlerTest {
  private static final Meters METERS = new Meters();
  private static final DnsResponder RESPONDER =
      new DnsResponder(TestZone.answers(), new ResponseRate(1, 0, List.of(), 1), METERS);

  private final List<EmbeddedChannel> channels = new ArrayList<>();

  @AfterEach
  void closeChannels() {
    channels.forEach(EmbeddedChannel::finishAndReleaseAll);
  }

  @AfterAll
  static void closeMeters() {
    METERS.close();
  }

  @Test
  void answersAreTheSameHoweverTheBytesArrive() throws Exception {
    byte[] stream = queries(3);
    List<Integer> whole = ids(feed(stream, stream.length));
    assertThat(whole).containsExactly(0, 1, 2);
    assertThat(ids(feed(stream, 1))).isEqualTo(whole);
    for (int split = 1; split < stream.length; split++) {
      EmbeddedChannel channel = channel();
      channel.writeInbound(Unpooled.copiedBuffer(stream, 0, split));
      channel.writeInbound(Unpooled.copiedBuffer(stream, split, stream.length - split));
      assertThat(ids(channel)).as("split at %d", split).isEqualTo(whole);
    }
  }

  @Test
  void aClientThatDoesNotReadIsNotAnsweredUntilItDoes() throws Exception {
    EmbeddedChannel channel = channel();
    writable(channel, false);
    channel.writeInbound(Unpooled.wrappedBuffer(queries(100)));
    assertThat(channel.outboundMessages()).isEmpty();
    assertThat(channel.config().isAutoRead()).isFalse();

    writable(channel, true);
    channel.runPendingTasks();
    assertThat(ids(channel)).hasSize(100);
  }

  @Test
  void aClientThatEndsBehindItsQueriesGetsAllAnswersThoughItReadsThemLate() throws Exception {
    EmbeddedChannel channel = channel();
    writable(channel, false);
    channel.writeInbound(Unpooled.wrappedBuffer(queries(100)));
    channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    assertThat(channel.isOpen()).isTrue();

    writable(channel, true);
    channel.runPendingTasks();
    assertThat(ids(channel)).hasSize(100);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void aClientThatEndsKeepsNoConnectionWhereverItIs() throws Exception {
    byte[] stream = queries(2);
    for (int sent = 0; sent <= stream.length; sent++) {
      EmbeddedChannel channel = channel();
      channel.writeInbound(Unpooled.copiedBuffer(stream, 0, sent));
      channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
      channel.runPendingTasks();
      assertThat(channel.isOpen()).as("after %d bytes", sent).isFalse();
      assertThat(ids(channel)).hasSize(sent * 2 / stream.length);
    }
    EmbeddedChannel channel = channel();
    channel.freezeTime();
    writable(channel, false); // nor if it takes no answers
    channel.writeInbound(Unpooled.wrappedBuffer(stream));
    channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    for (int i = 0; i < 10; i++) {
      channel.advanceTimeBy(2, TimeUnit.SECONDS);
      channel.runScheduledPendingTasks();
    }
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void aConnectionIsClosedThatCompletesNoQueryThoughItSendsBytes() throws Exception {
    EmbeddedChannel channel = channel();
    channel.freezeTime();
    byte[] query = queries(1);
    int seconds = 0;
    for (int i = 0; i < query.length - 1 && channel.isOpen(); i++) {
      channel.writeInbound(Unpooled.copiedBuffer(query, i, 1));
      channel.advanceTimeBy(1, TimeUnit.SECONDS);
      channel.runScheduledPendingTasks();
      seconds++;
    }
    assertThat(channel.isOpen()).isFalse();
    assertThat(seconds).isBetween(10, 16); // 10 s, kept to within a quarter and our steps
  }

  @Test
  void aBusyConnectionLivesForItsLifetimeOnly() throws Exception {
    EmbeddedChannel channel = channel();
    channel.freezeTime();
    int seconds = 0;
    while (channel.isOpen() && seconds < 200) {
      channel.writeInbound(Unpooled.wrappedBuffer(queries(1)));
      ids(channel);
      channel.advanceTimeBy(1, TimeUnit.SECONDS);
      channel.runScheduledPendingTasks();
      seconds++;
    }
    assertThat(seconds).isEqualTo(100);
  }

  @Test
  void impossibleLengthsCloseAtOnceAndNothingAfterThemIsAnswered() throws Exception {
    for (int length : new int[] {0, 1, 11, 4097, 65_535}) {
      EmbeddedChannel channel = channel();
      ByteBuf bytes = Unpooled.buffer().writeShort(length).writeBytes(queries(2));
      channel.writeInbound(bytes);
      assertThat(channel.isOpen()).as("length %d", length).isFalse();
      assertThat(channel.outboundMessages()).isEmpty();
    }
  }

  @Test
  void anIpv6ClientIsItsNetwork() {
    assertThat(DnsServer.client(InetAddress.ofLiteral("2001:db8:0:1ff::1")))
        .isEqualTo(DnsServer.client(InetAddress.ofLiteral("2001:db8:0:100::2")))
        .isNotEqualTo(DnsServer.client(InetAddress.ofLiteral("2001:db8:0:200::1")));
  }

  private EmbeddedChannel channel() {
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new TcpHandler(RESPONDER, PEER, Duration.ofSeconds(10), Duration.ofSeconds(100)));
    channels.add(channel);
    return channel;
  }

  private EmbeddedChannel feed(byte[] stream, int chunk) {
    EmbeddedChannel channel = channel();
    for (int at = 0; at < stream.length; at += chunk) {
      channel.writeInbound(Unpooled.copiedBuffer(stream, at, chunk));
    }
    return channel;
  }

  private static void writable(EmbeddedChannel channel, boolean writable) {
    channel.unsafe().outboundBuffer().setUserDefinedWritability(1, writable);
    channel.runPendingTasks();
  }

  private static byte[] queries(int count) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      byte[] query = query("a.b.cdn.example", Type.TXT).toWire();
      query[0] = (byte) (i >> 8);
      query[1] = (byte) i;
      out.write(query.length >> 8);
      out.write(query.length);
      out.writeBytes(query);
    }
    return out.toByteArray();
  }

  /** The ids of the answers, in order. */
  private static List<Integer> ids(EmbeddedChannel channel) {
    List<Integer> ids = new ArrayList<>();
    for (ByteBuf answer = channel.readOutbound();
        answer != null && answer.isReadable(); // the mark behind which it closes is empty
        ) {
      assertThat(answer.readUnsignedShort()).isEqualTo(answer.readableBytes());
      ids.add(answer.readUnsignedShort());
      answer.release();
      answer = channel.readOutbound();
    }
    return ids;
  }
}
