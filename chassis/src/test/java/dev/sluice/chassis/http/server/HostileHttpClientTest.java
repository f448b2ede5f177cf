package dev.sluice.chassis.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.config.Cidr;
import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clients that mean harm, or only look like it, on real sockets. */
@ExtendWith(LeakCheck.class)
class HostileHttpClientTest {
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final String HELLO = "GET /hello HTTP/1.1\r\nHost: t\r\n\r\n";

  private final EventLoops loops = EventLoops.create(1);
  private final Meters meters = new Meters();
  private final List<RawClient> clients = new ArrayList<>();
  private HttpServer server;

  @AfterEach
  void stop() throws IOException {
    for (RawClient client : clients) {
      client.close();
    }
    server.close();
    loops.close();
    meters.close();
  }

  private void serve(List<Cidr> trusted, int connectionsOfAddress, Duration headTimeout) {
    Routes routes = new Routes().get("/hello", ex -> ex.respond(200, "text/plain", "hello"));
    HttpConfig config =
        new HttpConfig(
            "127.0.0.1",
            0,
            List.of(),
            ByteSize.ofKiB(4),
            Duration.ofMinutes(5),
            connectionsOfAddress,
            List.of());
    HttpLimits d = HttpLimits.defaults();
    HttpLimits limits =
        new HttpLimits(
            d.maxUriBytes(), headTimeout, d.stallTimeout(), d.answerTimeout(), 100, d.drainBytes());
    server = new HttpServer(config, trusted, loops, routes, meters, "hostile", limits);
    server.start();
  }

  private RawClient client() throws IOException {
    RawClient client = new RawClient(server.address());
    clients.add(client);
    client.socket().setSoTimeout((int) SOON.toMillis());
    return client;
  }

  private double errors(String reason) {
    return meters.counter(HttpMeters.ERRORS, "hostile", reason).count();
  }

  @Test
  void aHeadThatDribblesIsCutOffThoughBytesKeepComing() throws Exception {
    serve(List.of(), 0, Duration.ofMillis(800));
    RawClient slow = client();
    slow.send("GET /hello HTTP/1.1\r\nHost: t\r\nX: ");
    RawClient other = client();
    try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor()) {
      Runnable dribble =
          () -> {
            try {
              slow.send("x");
            } catch (IOException e) {
              throw new UncheckedIOException(e); // closed by the server: stops the timer
            }
          };
      var _ = timer.scheduleAtFixedRate(dribble, 20, 20, TimeUnit.MILLISECONDS);
      assertThat(slow.closed()).isTrue();
      timer.shutdownNow();
    }
    assertThat(errors("slow-head")).isEqualTo(1);
    assertThat(other.send(HELLO).answer().status()).as("others").isEqualTo(200);
  }

  @Test
  void oneAddressGetsNoMoreConnectionsThanAllowedAndAFreedOneAgain() throws Exception {
    serve(List.of(), 2, Duration.ofMinutes(5));
    RawClient first = client();
    RawClient second = client();
    assertThat(first.send(HELLO).answer().status()).isEqualTo(200);
    assertThat(second.send(HELLO).answer().status()).isEqualTo(200);
    assertThat(client().closed()).as("the third").isTrue();
    assertThat(errors("too-many-connections-of-address")).isEqualTo(1);
    assertThat(second.send(HELLO).answer().status()).as("those before it").isEqualTo(200);
    first.close();
    Await.until(SOON, "one gone", () -> server.connections() == 1);
    assertThat(client().send(HELLO).answer().status()).isEqualTo(200);
    assertThat(client().closed()).as("two again").isTrue();
  }

  @Test
  void connectionsOfATrustedProxyAreNotCounted() throws Exception {
    serve(List.of(Cidr.parse("127.0.0.0/8")), 1, Duration.ofMinutes(5));
    for (int i = 0; i < 4; i++) {
      assertThat(client().send(HELLO).answer().status()).isEqualTo(200);
    }
    assertThat(errors("too-many-connections-of-address")).isZero();
  }

  @Test
  void anAddressGetsItsPlacesBackAfterMalformedChunksBehindTheAnswer() throws IOException {
    serve(List.of(), 2, Duration.ofSeconds(10));
    for (int i = 0; i < 5; i++) {
      try (RawClient client = new RawClient(server.address())) {
        client.send("POST /none HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
        assertThat(client.answer().status()).isEqualTo(404);
        client.send("Z\r\n");
        assertThat(client.closed()).as("connection " + i).isTrue();
      }
    }
    Await.until(Duration.ofSeconds(10), "all places free", () -> server.connections() == 0);
    try (RawClient client = new RawClient(server.address())) {
      client.send("GET /hello HTTP/1.1\r\nHost: t\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(200);
    }
  }
}
