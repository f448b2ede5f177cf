package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.demo.DemoFleet;
import dev.sluice.app.demo.DemoOptions;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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
}
