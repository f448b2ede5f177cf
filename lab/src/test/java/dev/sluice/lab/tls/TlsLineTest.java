package dev.sluice.lab.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testkit.TestCertificate;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsLineTest {
  private static SslContext server;
  private static SslContext client;

  private final SSLEngine far = server.newEngine(ByteBufAllocator.DEFAULT);
  private final ByteBuffer toServer = ByteBuffer.allocate(200_000);
  private final ByteArrayOutputStream toClient = new ByteArrayOutputStream();
  private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
  private final ByteArrayOutputStream read = new ByteArrayOutputStream();

  @BeforeAll
  static void makeContexts(@TempDir Path directory) throws Exception {
    TestCertificate own = TestCertificate.make(directory, "line");
    server =
        SslContextBuilder.forServer(own.certificate().toFile(), own.key().toFile())
            .sslProvider(SslProvider.JDK)
            .protocols("TLSv1.3", "TLSv1.2")
            .build();
    client = ClientTls.offering();
  }

  @ParameterizedTest
  @CsvSource({"TLSv1.3,1", "TLSv1.3,7", "TLSv1.3,100000", "TLSv1.2,1000", "TLSv1.2,100000"})
  void speaksWithAServerWhereverTheLineCuts(String version, int piece) throws Exception {
    far.setEnabledProtocols(new String[] {version});
    try (TlsLine line = line()) {
      shakeHands(line, piece);
      line.send(ByteBuffer.wrap("GET".getBytes(StandardCharsets.US_ASCII)));
      serve();
      assertThat(heard.toString(StandardCharsets.US_ASCII)).isEqualTo("GET");
      byte[] media = new byte[60_000];
      new Random(1).nextBytes(media);
      ByteBuffer from = ByteBuffer.wrap(media);
      while (from.hasRemaining()) {
        wrap(from);
      }
      give(line, piece);
      assertThat(read.toByteArray()).isEqualTo(media);
    }
  }

  @Test
  void failsWhereNoTlsIsSpoken() throws Exception {
    try (TlsLine line = line()) {
      line.begin();
      ByteBuffer plain = ByteBuffer.wrap("HTTP/1.1 400 ?\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThatThrownBy(() -> line.receive(plain, in -> {})).isInstanceOf(IOException.class);
    }
  }

  private TlsLine line() {
    return new TlsLine(
        client.newEngine(ByteBufAllocator.DEFAULT),
        toServer::put,
        ByteBuffer.allocateDirect(32 * 1024),
        ByteBuffer.allocateDirect(32 * 1024));
  }

  private void shakeHands(TlsLine line, int piece) throws Exception {
    line.begin();
    for (int round = 0; round < 20 && !line.stands(); round++) {
      serve();
      give(line, piece);
    }
    assertThat(line.stands()).isTrue();
    serve();
  }

  /** What the server does with what has come. */
  private void serve() throws Exception {
    toServer.flip();
    while (true) {
      HandshakeStatus status = far.getHandshakeStatus();
      if (status == HandshakeStatus.NEED_TASK) {
        far.getDelegatedTask().run();
      } else if (status == HandshakeStatus.NEED_WRAP) {
        wrap(ByteBuffer.allocate(0));
      } else {
        ByteBuffer out = ByteBuffer.allocate(32 * 1024);
        SSLEngineResult result = far.unwrap(toServer, out);
        heard.write(out.array(), 0, out.position());
        if (!toServer.hasRemaining() || result.getStatus() != SSLEngineResult.Status.OK) {
          if (far.getHandshakeStatus() == HandshakeStatus.NEED_TASK
              || far.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            continue;
          }
          break;
        }
      }
    }
    toServer.compact();
  }

  private void wrap(ByteBuffer from) throws Exception {
    ByteBuffer out = ByteBuffer.allocate(32 * 1024);
    far.wrap(from, out);
    toClient.write(out.array(), 0, out.position());
  }

  private void give(TlsLine line, int piece) throws IOException {
    byte[] all = toClient.toByteArray();
    toClient.reset();
    ByteBuffer in = ByteBuffer.allocateDirect(100_000);
    for (int at = 0; at < all.length; at += piece) {
      in.clear().put(all, at, Math.min(piece, all.length - at)).flip();
      line.receive(
          in,
          plain -> {
            byte[] part = new byte[plain.remaining()];
            plain.get(part);
            read.writeBytes(part);
          });
    }
  }
}
