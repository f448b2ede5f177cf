package dev.sluice.cluster;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class HttpHeartbeatSenderTest {
  private static final Heartbeat BEAT =
      new Heartbeat(
          new NodeInfo("eu-1", Role.EDGE, "eu", "t", 1, NodeUrls.http("http://e"), List.of(), 1, 1),
          1,
          NodeState.UP,
          NodeLoad.idle(0),
          List.of());

  @Test
  @Timeout(60)
  void givesUpOnABalancerThatBeginsAnAnswerAndDoesNotEndIt() throws Exception {
    assertReport("HTTP/1.1 204 No Content\r\n").hasMessageContaining("within 300 ms");
    assertReport("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")
        .hasMessageContaining("within 300 ms");
  }

  @Test
  @Timeout(60)
  void doesNotKeepAnAnswerWithoutEnd() throws Exception {
    assertReport("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + "x".repeat(100_000))
        .isInstanceOf(IOException.class);
  }

  @Test
  @Timeout(60)
  void saysWhatTheBalancerSays() throws Exception {
    String body = "{\"detail\":\"id: eu-1 belongs to another\"}";
    assertReport("HTTP/1.1 409 Conflict\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
        .hasMessageEndingWith("/api/heartbeat answered 409: id: eu-1 belongs to another");
  }

  @Test
  @Timeout(60)
  void saysWhereItCannotConnectAndWhy() throws Exception {
    int unused;
    try (ServerSocket socket = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      unused = socket.getLocalPort();
    }
    assertUnreachable("http://127.0.0.1:" + unused)
        .hasMessageMatching("(?i)cannot connect to 127.0.0.1:" + unused + ": .*refused");
    assertUnreachable("http://no-such-host.invalid:80")
        .hasMessage("cannot connect to no-such-host.invalid:80: the name is unknown");
  }

  private static org.assertj.core.api.AbstractThrowableAssert<?, ?> assertUnreachable(String url) {
    try (HttpHeartbeatSender sender =
        new HttpHeartbeatSender(url, "", "", Duration.ofSeconds(30), null)) {
      return assertThatThrownBy(() -> sender.report(BEAT)).isInstanceOf(IOException.class);
    }
  }

  private static org.assertj.core.api.AbstractThrowableAssert<?, ?> assertReport(String answer)
      throws Exception {
    try (ServerSocket balancer = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        HttpHeartbeatSender sender =
            new HttpHeartbeatSender(
                "http://127.0.0.1:" + balancer.getLocalPort(),
                "",
                "",
                answer.contains("409") ? Duration.ofSeconds(30) : Duration.ofMillis(300),
                null)) {
      Thread.ofVirtual().start(() -> answer(balancer, answer));
      return assertThatThrownBy(() -> sender.report(BEAT)).isInstanceOf(IOException.class);
    }
  }

  private static void answer(ServerSocket balancer, String answer) {
    try (Socket socket = balancer.accept()) {
      socket.getOutputStream().write(answer.getBytes(US_ASCII));
      socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
    } catch (IOException e) {
      // The sender has gone.
    }
  }
}
