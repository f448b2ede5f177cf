package dev.sluice.chassis.http.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Servers to which there is no connection in time. */
@ExtendWith(LeakCheck.class)
class HttpClientConnectsTest {
  private static final EventLoops LOOPS = EventLoops.create(1);
  private static final HttpClientDeadlines SHORT =
      new HttpClientDeadlines(
          Duration.ofMillis(300), Await.PATIENCE, Await.PATIENCE, Await.PATIENCE);

  @AfterAll
  static void stop() {
    LOOPS.close();
  }

  @Test
  void aNameWhoseLookUpHangsIsGivenUp() throws Exception {
    CountDownLatch answered = new CountDownLatch(1);
    HttpClient.Names hanging =
        host -> {
          try {
            answered.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          throw new UnknownHostException(host);
        };
    try (HttpClient client = new HttpClient(LOOPS, SHORT, null, hanging)) {
      HttpClientException failure = failure(client, "http://slow.example");
      assertThat(failure.reason()).isEqualTo(HttpClientException.Reason.CONNECT_TIMEOUT);
      assertThat(failure).hasMessageContaining("no address for slow.example in 300 ms");
    } finally {
      answered.countDown();
    }
  }

  @Test
  void aServerThatAcceptsNobodyIsGivenUp() throws Exception {
    List<SocketChannel> queued = new ArrayList<>();
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        HttpClient client = new HttpClient(LOOPS, SHORT)) {
      for (int i = 0; i < 8; i++) { // the queue takes a few; what follows gets no answer
        SocketChannel one = SocketChannel.open();
        queued.add(one);
        one.configureBlocking(false);
        one.connect(full.getLocalSocketAddress());
      }
      assertThat(failure(client, "http://127.0.0.1:" + full.getLocalPort()).reason())
          .isEqualTo(HttpClientException.Reason.CONNECT_TIMEOUT);
    } finally {
      for (SocketChannel one : queued) {
        one.close();
      }
    }
  }

  private static HttpClientException failure(HttpClient client, String base) throws Exception {
    CompletableFuture<HttpClientException> failed = new CompletableFuture<>();
    HttpClientHandler handler =
        new HttpClientHandler() {
          @Override
          public void head(int status, HttpHeaders headers) {
            failed.completeExceptionally(new AssertionError("answered " + status));
          }

          @Override
          public void data(ByteBuf borrowed) {}

          @Override
          public void end() {}

          @Override
          public void failed(HttpClientException cause) {
            failed.complete(cause);
          }
        };
    EventLoop loop = LOOPS.next();
    loop.execute(() -> client.send(loop, HttpClientRequest.get(URI.create(base), "/"), handler));
    return failed.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }
}
