package dev.sluice.origin.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.rtmp.client.ClientListener;
import dev.sluice.media.rtmp.client.RtmpDeadlines;
import dev.sluice.media.rtmp.client.RtmpPush;
import dev.sluice.media.rtmp.client.RtmpUrl;
import dev.sluice.node.NodeServer;
import dev.sluice.origin.Origin;
import dev.sluice.origin.OriginConfig;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** An origin with hooks at a small real HTTP server. */
@ExtendWith(LeakCheck.class)
class PublishHooksTest {
  private static final Duration SOON = Duration.ofSeconds(90);

  @TempDir Path directory;
  private final EventLoops loops = EventLoops.create(1);
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<String> told = new CopyOnWriteArrayList<>();
  private final CountDownLatch gate = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpServer hook;
  private volatile int status = 200;
  private volatile String text = "";
  private @Nullable NodeServer origin;

  @BeforeEach
  void startHook() throws IOException {
    hook = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    hook.setExecutor(threads);
    hook.createContext("/ask", exchange -> answer(exchange, asked, true));
    hook.createContext("/tell", exchange -> answer(exchange, told, false));
    hook.start();
  }

  private void answer(HttpExchange exchange, List<String> heard, boolean gated) throws IOException {
    heard.add(
        exchange.getRequestHeaders().getFirst("Authorization")
            + " "
            + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    try {
      if (gated && !gate.await(60, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      return;
    }
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(gated ? status : 200, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @AfterEach
  void stop() {
    gate.countDown();
    if (origin != null) {
      origin.close();
    }
    loops.close();
    hook.stop(0);
    threads.shutdownNow();
  }

  private NodeServer serve(String keys, String hooks) throws Exception {
    String base = "http://127.0.0.1:" + hook.getAddress().getPort();
    String yaml =
        """
        id: o
        http: {bind: 127.0.0.1, port: 0}
        rtmp: {bind: 127.0.0.1, port: 0}
        files: {directory: %s}
        streamKeys: {%s}
        hooks: {publish: %s/ask, unpublish: %s/tell, token: t0, %s}
        """
            .formatted(directory, keys, base, base, hooks);
    OriginConfig config = ConfigLoader.load(OriginConfig.class, yaml, "o.yaml", Map.of());
    NodeServer started = Origin.server(config, loops, List.of());
    started.start();
    origin = started;
    return started;
  }

  /** A publisher that says what became of it. */
  private static final class Publisher implements ClientListener {
    private final EventLoop loop;
    private @Nullable RtmpPush push;
    private volatile boolean ready;
    private volatile @Nullable ClientEnd end;

    Publisher(EventLoops loops, NodeServer origin, String name) throws Exception {
      loop = loops.next();
      RtmpUrl url = RtmpUrl.parse(origin.rtmpUrl() + "/live/" + name);
      push = loop.submit(() -> RtmpPush.start(loops, loop, url, RtmpDeadlines.DEFAULT, this)).get();
    }

    @Override
    public void onReady() {
      ready = true;
    }

    @Override
    public void onEnd(ClientEnd reason) {
      end = reason;
    }

    void close() throws Exception {
      RtmpPush mine = push;
      if (mine != null) {
        loop.submit(mine::close).get();
      }
    }
  }

  private static void awaitReady(Publisher publisher) {
    Await.until(SOON, "let in", () -> publisher.ready);
  }

  private static String endOf(Publisher publisher) {
    Await.until(SOON, "refused", () -> publisher.end != null);
    assertThat(publisher.ready).isFalse();
    return String.valueOf(publisher.end);
  }

  @Test
  void startIsSaidOnlyOnceTheHookHasAnsweredAndTheEndIsTold() throws Exception {
    NodeServer to = serve("", "timeout: 30s");
    Publisher publisher = new Publisher(loops, to, "a?pass=p%26q");
    Await.until(SOON, "asked", () -> asked.size() == 1);
    assertThat(asked.getFirst())
        .startsWith("Bearer t0 {")
        .contains("\"event\":\"publish\"")
        .contains("\"app\":\"live\"", "\"name\":\"a\"", "\"protocol\":\"rtmp\"")
        .contains("\"address\":\"127.0.0.1\"", "\"query\":{\"pass\":\"p&q\"}");
    assertThat(publisher.ready).isFalse();
    assertThat(to.hub().streams()).isEmpty();
    // Another connection on the same single loop is served meanwhile.
    Publisher other = new Publisher(loops, to, "b");
    Await.until(SOON, "asked too", () -> asked.size() == 2);
    gate.countDown();
    awaitReady(publisher);
    awaitReady(other);
    publisher.close();
    Await.until(SOON, "told", () -> told.size() == 1);
    assertThat(told.getFirst())
        .contains("\"event\":\"unpublish\"", "\"name\":\"a\"", "\"reason\":\"stopped\"");
    other.close();
    assertThat(to.meters().scrape())
        .contains("sluice_origin_hooks_total{event=\"publish\",result=\"allowed\"} 2");
  }

  @Test
  void aRefusalReachesTheEncoderInTheHooksWords() throws Exception {
    gate.countDown();
    status = 403;
    text = "no contract\n\u0007today";
    NodeServer to = serve("", "timeout: 10s");
    assertThat(endOf(new Publisher(loops, to, "a"))).contains("refused: no contract today");
    assertThat(to.meters().scrape())
        .contains("sluice_rtmp_publish_refused_total{reason=\"hook_refused\"} 1");
  }

  @Test
  void aWrongKeyIsRefusedWithoutAskingTheHook() throws Exception {
    gate.countDown();
    NodeServer to = serve("\"*\": k", "timeout: 10s");
    assertThat(endOf(new Publisher(loops, to, "a?key=x"))).contains("not the stream key");
    awaitReady(new Publisher(loops, to, "a?key=k"));
    assertThat(asked).hasSize(1);
  }

  @Test
  void aHookThatDoesNotAnswerRefusesByDefault() throws Exception {
    NodeServer to = serve("", "timeout: 300ms");
    assertThat(endOf(new Publisher(loops, to, "a"))).contains("try again later");
    assertThat(to.meters().scrape())
        .contains("sluice_rtmp_publish_refused_total{reason=\"hook_failed\"} 1");
  }

  @Test
  void aHookThatFailsLetsInWhenToldSo() throws Exception {
    NodeServer to = serve("", "timeout: 300ms, onError: allow");
    awaitReady(new Publisher(loops, to, "a")); // no answer
    gate.countDown();
    status = 500;
    awaitReady(new Publisher(loops, to, "b"));
    hook.stop(0);
    awaitReady(new Publisher(loops, to, "c")); // nobody listens
  }

  @Test
  void noMoreCallsThanAllowedAreUnderWay() throws Exception {
    NodeServer to = serve("", "timeout: 30s, maxInFlight: 2");
    new Publisher(loops, to, "a");
    new Publisher(loops, to, "b");
    Await.until(SOON, "two asked", () -> asked.size() == 2);
    assertThat(endOf(new Publisher(loops, to, "c"))).contains("try again later");
    assertThat(asked).hasSize(2);
  }

  @Test
  void whatIsNoUrlIsAFaultOfTheConfiguration() {
    assertThatThrownBy(
            () ->
                ConfigLoader.load(
                    OriginConfig.class,
                    "id: o\nfiles: {directory: d}\nhooks: {publish: hook.example}\n",
                    "o.yaml",
                    Map.of()))
        .hasMessageContaining("publish: a URL such as http://10.0.0.9:9000/publish");
  }
}
