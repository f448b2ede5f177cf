package dev.sluice.media.rtmp.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Wire;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.fixture.LiveServer;
import dev.sluice.media.fixture.RawRtmp;
import dev.sluice.media.fixture.RtmpLimitsBuilder;
import dev.sluice.media.fixture.TestPublisher;
import dev.sluice.media.fixture.TestViewer;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Clients that mean harm, or only look like it. */
@ExtendWith(LeakCheck.class)
class HostileClientTest {
  private static final Duration SOON = Duration.ofSeconds(90);

  private final List<Socket> sockets = new ArrayList<>();
  private @Nullable LiveServer server;

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    if (server != null) {
      server.close();
    }
  }

  private LiveServer serve(RtmpLimitsBuilder limits) throws Exception {
    LiveServer started = LiveServer.start(1, limits);
    server = started;
    return started;
  }

  private Socket connect(LiveServer to) throws IOException {
    Socket socket = new Socket("127.0.0.1", to.rtmpPort());
    sockets.add(socket);
    socket.setSoTimeout((int) SOON.toMillis());
    return socket;
  }

  /** Waits for the end of a connection, whichever way it comes. */
  private static void awaitEnd(Socket socket) throws IOException {
    try (InputStream in = socket.getInputStream()) {
      in.readAllBytes();
    } catch (SocketException e) {
      assertThat(e).hasMessageContaining("reset");
    }
  }

  private static void awaitCount(LiveServer to, String reason, int count) {
    String sample = "sluice_rtmp_errors_total{reason=\"" + reason + "\"} " + count;
    Await.until(SOON, sample, () -> to.meters.scrape().contains(sample));
  }

  @Test
  void aHandshakeThatDribblesIsClosedThoughBytesKeepComing() throws Exception {
    LiveServer to = serve(new RtmpLimitsBuilder().commandTimeout(Duration.ofMillis(800)));
    Socket socket = connect(to);
    socket.getOutputStream().write(3);
    try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor()) {
      Runnable dribble =
          () -> {
            try {
              socket.getOutputStream().write(0);
            } catch (IOException e) {
              throw new UncheckedIOException(e); // closed by the server: stops the timer
            }
          };
      var _ = timer.scheduleAtFixedRate(dribble, 20, 20, TimeUnit.MILLISECONDS);
      awaitEnd(socket);
      timer.shutdownNow();
    }
    awaitCount(to, "command_timeout", 1);
  }

  @Test
  void thousandsOfChunkStreamsEndTheConnectionAndNothingElse() throws Exception {
    LiveServer to = serve(new RtmpLimitsBuilder());
    TestPublisher publisher = TestPublisher.start(to, "live/a");
    TestViewer viewer = TestViewer.play(to, "live/a");
    Socket socket = connect(to);
    byte[] handshake = new byte[1 + 1536 + 1536]; // C0, C1, C2
    handshake[0] = 3;
    socket.getOutputStream().write(handshake);
    try {
      for (int id = 64; id < 4000; id++) {
        // format 0, 3-byte id; time 0, length 65536, type 9, stream 1; the first 128 bytes of it
        byte[] chunk = new byte[3 + 11 + 128];
        chunk[0] = 1;
        chunk[1] = (byte) (id - 64);
        chunk[2] = (byte) (id - 64 >> 8);
        chunk[6] = 1;
        chunk[9] = 9;
        chunk[10] = 1;
        socket.getOutputStream().write(chunk);
      }
    } catch (SocketException e) {
      assertThat(e.getMessage()).isNotBlank(); // closed before all were sent
    }
    awaitEnd(socket);
    awaitCount(to, "too_many_chunk_streams", 1);
    publisher.frames(10, 500);
    viewer.awaitFrame(9);
  }

  @Test
  void aStreamWithoutANameIsRefusedAtOnceWithAReasonAndCounted() throws Exception {
    LiveServer to = serve(new RtmpLimitsBuilder());
    for (String name : List.of("", "?key=k", ".flv", "a%2fb")) {
      try (RawRtmp client = RawRtmp.connect(to, Map.of())) {
        client.command(1, "publish", 5, AmfValue.Nothing.NULL, AmfValue.of(name));
        client.await("status NetStream.Publish.BadName").await("closed");
      }
    }
    try (RawRtmp client = RawRtmp.play(to, "")) {
      client.await("status NetStream.Play.StreamNotFound").await("closed");
    }
    assertThat(to.meters.scrape())
        .contains("sluice_rtmp_publish_refused_total{reason=\"bad_name\"} 4")
        .contains("sluice_live_joins_refused_total{reason=\"not_found\"} 1");
  }

  @Test
  void aCommandAnnouncedTooLongIsRefusedByItsHeaderNotByATimeout() throws Exception {
    LiveServer to = serve(new RtmpLimitsBuilder().commandTimeout(Duration.ofMinutes(5)));
    Socket socket = connect(to);
    byte[] handshake = new byte[1 + 1536 + 1536]; // C0, C1, C2
    handshake[0] = 3;
    socket.getOutputStream().write(handshake);
    socket.getOutputStream().write(Wire.hex("03 000000 ffffff 14 00000000"));
    awaitEnd(socket);
    awaitCount(to, "command_too_large", 1);
  }

  @Test
  void oneAddressGetsNoMoreConnectionsThanAllowed() throws Exception {
    LiveServer to = serve(new RtmpLimitsBuilder().maxConnectionsPerAddress(2));
    Socket first = connect(to);
    connect(to);
    Await.until(SOON, "both", () -> to.meters.scrape().contains("sluice_rtmp_connections 2"));
    awaitEnd(connect(to));
    awaitCount(to, "too_many_connections_of_address", 1);
    first.close();
    Await.until(SOON, "one", () -> to.meters.scrape().contains("sluice_rtmp_connections 1"));
    connect(to);
    Await.until(SOON, "both", () -> to.meters.scrape().contains("sluice_rtmp_connections 2"));
  }
}
