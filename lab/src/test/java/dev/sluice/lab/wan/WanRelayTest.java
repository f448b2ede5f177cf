package dev.sluice.lab.wan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testkit.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a server that sends what it gets back. */
class WanRelayTest {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private ServerSocket echo;

  @BeforeEach
  void start() throws IOException {
    echo = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::serve);
  }

  @AfterEach
  void stop() throws IOException {
    echo.close();
  }

  @Test
  void bringsEveryByteInOrderAndTheEnd() throws Exception {
    byte[] sent = new byte[300_000];
    new Random(1).nextBytes(sent);
    LineConditions line =
        LineConditions.PERFECT.rate(20_000_000).delay(Duration.ofMillis(2)).loss(1);
    try (WanRelay relay = relay(line);
        Socket client = connect(relay)) {
      Thread writer = Thread.ofVirtual().start(() -> write(client, sent));
      byte[] got = client.getInputStream().readAllBytes();
      writer.join(LIMIT);
      assertThat(got).isEqualTo(sent);
      assertThat(relay.losses()).isPositive();
      assertThat(relay.bytes()).isEqualTo(2L * sent.length);
      assertThat(relay.connections()).isEqualTo(1);
    }
  }

  @Test
  void takesAsLongAsTheLine() throws Exception {
    LineConditions line = LineConditions.PERFECT.rate(800_000).delay(Duration.ofMillis(100));
    try (WanRelay relay = relay(line);
        Socket client = connect(relay)) {
      long begin = System.nanoTime();
      byte[] sent = new byte[100_000]; // a second at this rate
      Thread writer = Thread.ofVirtual().start(() -> write(client, sent));
      assertThat(client.getInputStream().readAllBytes()).hasSize(sent.length);
      writer.join(LIMIT);
      assertThat(System.nanoTime() - begin).isGreaterThan(1_200_000_000L);
    }
  }

  @Test
  void stopsTheWriterWhenTheReaderStops() throws Exception {
    AtomicLong taken = new AtomicLong();
    try (ServerSocket source = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        WanRelay relay =
            WanRelay.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), source.getLocalPort()),
                LineConditions.PERFECT.rate(100_000_000),
                0,
                1);
        Socket client = new Socket()) {
      client.setReceiveBufferSize(16 << 10);
      client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), relay.port()));
      Socket sender = source.accept();
      sender.setSendBufferSize(16 << 10);
      Thread.ofVirtual().start(() -> pour(sender, taken));
      Await.until(LIMIT, "some bytes", () -> taken.get() > 100_000);
      AtomicLong seen = new AtomicLong(-1);
      AtomicLong since = new AtomicLong(System.nanoTime());
      Await.until(
          LIMIT,
          "the writer stands still for half a second",
          () -> {
            if (seen.getAndSet(taken.get()) != taken.get()) {
              since.set(System.nanoTime());
            }
            return System.nanoTime() - since.get() > 500_000_000L;
          });
      assertThat(taken.get()).isLessThan(5 << 20);
      sender.close();
    }
  }

  @Test
  void closesBothEndsWhenItIsClosed() throws Exception {
    WanRelay relay = relay(LineConditions.PERFECT);
    try (Socket client = connect(relay)) {
      client.getOutputStream().write(1);
      assertThat(client.getInputStream().read()).isEqualTo(1);
      relay.close();
      client.setSoTimeout(90_000);
      assertThat(ended(client)).isTrue();
    }
  }

  @Test
  void refusesATargetElsewhere() {
    assertThatThrownBy(
            () ->
                WanRelay.start(
                    new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 80),
                    LineConditions.PERFECT,
                    0,
                    1))
        .hasMessageContaining("loopback");
  }

  private WanRelay relay(LineConditions line) throws IOException {
    return WanRelay.start(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), echo.getLocalPort()), line, 0, 42);
  }

  private static Socket connect(WanRelay relay) throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), relay.port());
  }

  private static boolean ended(Socket client) {
    try {
      return client.getInputStream().read() < 0;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private void serve() {
    while (!echo.isClosed()) {
      try {
        Socket one = echo.accept();
        Thread.ofVirtual().start(() -> copy(one));
      } catch (IOException e) {
        return;
      }
    }
  }

  private static void copy(Socket one) {
    try (one) {
      one.getInputStream().transferTo(one.getOutputStream());
    } catch (IOException e) {
      // the test is over
    }
  }

  private static void write(Socket to, byte[] bytes) {
    try {
      to.getOutputStream().write(bytes);
      to.shutdownOutput();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void pour(Socket to, AtomicLong taken) {
    byte[] piece = new byte[4096];
    try {
      while (true) {
        to.getOutputStream().write(piece);
        taken.addAndGet(piece.length);
      }
    } catch (IOException e) {
      // closed by the test
    }
  }
}
