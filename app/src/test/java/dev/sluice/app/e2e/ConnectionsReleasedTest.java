package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.demo.DemoFleet;
import dev.sluice.app.demo.DemoOptions;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Nothing that a client sends keeps its connection for ever, on any server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConnectionsReleasedTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private DemoFleet fleet;

  @BeforeAll
  void start() throws Exception {
    fleet = DemoFleet.start(DemoOptions.FREE);
  }

  @AfterAll
  void stop() {
    fleet.close();
  }

  private List<InetSocketAddress> servers() {
    return List.of(
        fleet.origin().httpAddress(),
        fleet.edge("eu-1").httpAddress(),
        fleet.balancer().httpAddress());
  }

  @Test
  void aMalformedChunkBehindTheAnswerEndsTheConnection() throws Exception {
    String head = " /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (InetSocketAddress server : servers()) {
      for (String method : List.of("POST", "GET")) {
        for (String body : List.of("Z\r\n", "5\r\nabcdefgh\r\n", "0\r\nbad trailer\r\n\r\n")) {
          try (Socket socket = new Socket(server.getAddress(), server.getPort())) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket
                .getOutputStream()
                .write((method + head + body).getBytes(StandardCharsets.ISO_8859_1));
            InputStream in = socket.getInputStream();
            String answer = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(answer).as(method + " " + body).startsWith("HTTP/1.1 ");
          }
        }
      }
    }
  }

  @Test
  void aClientThatEndsBehindItsRequestIsAnsweredOnEveryServer() throws Exception {
    for (InetSocketAddress server : servers()) {
      for (int i = 0; i < 20; i++) {
        String answer = askAndEnd(server, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(answer).as("healthz of " + server).startsWith("HTTP/1.1 200");
      }
      String bodiless = "PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc";
      assertThat(askAndEnd(server, bodiless)).startsWith("HTTP/1.1 4");
    }
    InetSocketAddress edge = fleet.edge("eu-1").httpAddress();
    String missing = "GET /files/none HTTP/1.1\r\nHost: x\r\n\r\n"; // the edge has to ask
    assertThat(askAndEnd(edge, missing)).startsWith("HTTP/1.1 ");
    assertThat(askAndEnd(edge, "GET /live/none.flv HTTP/1.1\r\nHost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 ");
  }

  @Test
  void aClientThatEndsAnywhereKeepsNoConnectionOpen() throws Exception {
    for (InetSocketAddress server : servers()) {
      for (String part : List.of("", "GET /hea", "POST /healthz HTTP/1.1\r\nHost: x\r\n")) {
        askAndEnd(server, part);
      }
    }
    String c0AndHalfOfC1 = "\3" + "x".repeat(700);
    askAndEnd(fleet.origin().rtmpAddress(), c0AndHalfOfC1);
    askAndEnd(fleet.edge("eu-1").rtmpAddress(), c0AndHalfOfC1);
    askAndEnd(fleet.edge("eu-1").rtmpAddress(), "\3" + "x".repeat(1536 * 2)); // a whole handshake
    askAndEnd(fleet.dns(), "\0");
  }

  @Test
  void aDnsClientThatEndsBehindItsQueryIsAnswered() throws Exception {
    String query = "\0\21\0\7\1\0\0\1\0\0\0\0\0\0\0\0\1\0\1"; // the root's address
    assertThat(askAndEnd(fleet.dns(), query)).hasSizeGreaterThan(12).contains("\0\7");
  }

  @Test
  void aRefusedBodyWithoutAnEndIsNotWaitedForForEver() throws Exception {
    String request = "POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZ";
    List<Socket> asking = new ArrayList<>();
    for (InetSocketAddress server : servers()) {
      asking.add(ask(server, request));
    }
    for (Socket one : asking) {
      try (one) {
        assertThat(rest(one)).startsWith("HTTP/1.1 405");
      }
    }
  }

  /** Sends, ends its side and reads until the server ends too. */
  private static String askAndEnd(InetSocketAddress server, String bytes) throws Exception {
    try (Socket socket = ask(server, bytes)) {
      socket.shutdownOutput();
      return rest(socket);
    }
  }

  private static Socket ask(InetSocketAddress server, String bytes) throws Exception {
    Socket socket = new Socket(server.getAddress(), server.getPort());
    socket.setSoTimeout((int) PATIENCE.toMillis());
    socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }

  private static String rest(Socket socket) throws Exception {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
  }
}
