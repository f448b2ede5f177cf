package dev.sluice.origin.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many ends at once, told to a small real HTTP server that answers when a gate opens. */
@ExtendWith(LeakCheck.class)
class UnpublishHooksTest {
  private static final Duration SOON = Duration.ofSeconds(90);

  private final EventLoops loops = EventLoops.create(2);
  private final Meters meters = new Meters();
  private final List<String> told = new CopyOnWriteArrayList<>();
  private final AtomicInteger atOnce = new AtomicInteger();
  private final AtomicInteger mostAtOnce = new AtomicInteger();
  private final AtomicInteger failures = new AtomicInteger();
  private final CountDownLatch gate = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpServer hook;
  private HookCalls calls;

  @BeforeEach
  void startHook() throws IOException {
    hook = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    hook.setExecutor(threads);
    hook.createContext("/tell", this::answer);
    hook.start();
    PublishHooks.register(meters);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    int now = atOnce.incrementAndGet();
    mostAtOnce.accumulateAndGet(now, Math::max);
    boolean yes = failures.getAndDecrement() <= 0;
    told.add(body);
    try {
      gate.await(120, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      return;
    }
    atOnce.decrementAndGet(); // before the answer, upon which the next call may come
    exchange.sendResponseHeaders(yes ? 200 : 503, -1);
    exchange.close();
  }

  @AfterEach
  void stop() {
    gate.countDown();
    calls.close();
    loops.close();
    hook.stop(0);
    threads.shutdownNow();
    meters.close();
  }

  private UnpublishHooks hooks(int maxInFlight, int maxWaiting) {
    HooksConfig config =
        new HooksConfig(
            "",
            "http://127.0.0.1:" + hook.getAddress().getPort() + "/tell",
            Secret.NONE,
            Duration.ofSeconds(30),
            HooksConfig.OnError.REFUSE,
            new HookLimits(maxInFlight, maxWaiting),
            "");
    calls = new HookCalls(loops, config, null);
    return new UnpublishHooks(config, calls, loops, meters);
  }

  private static void end(UnpublishHooks hooks, int from, int count) {
    for (int i = from; i < from + count; i++) {
      hooks.add(new StreamKey("live", "s" + i), "end " + i);
    }
  }

  private void awaitCount(String result, int count) {
    String line = "result=\"" + result + "\"} " + count;
    Await.until(SOON, result + " " + count, () -> meters.scrape().contains(line));
  }

  @Test
  void eachOfMoreEndsThanMayBeUnderWayIsTold() {
    UnpublishHooks hooks = hooks(3, 1000);
    end(hooks, 0, 300);
    Await.until(SOON, "three under way", () -> told.size() == 3);
    gate.countDown();
    awaitCount("told", 300);
    assertThat(told).hasSize(300).doesNotHaveDuplicates();
    assertThat(mostAtOnce).hasValue(3);
  }

  @Test
  void moreThanMayWaitAreDroppedAndCounted() {
    UnpublishHooks hooks = hooks(3, 10);
    end(hooks, 0, 14);
    awaitCount("dropped", 4);
    gate.countDown();
    awaitCount("told", 10);
    assertThat(told).hasSize(10).doesNotContain("end 10", "end 13");
    end(hooks, 20, 10); // there is room again
    awaitCount("told", 20);
  }

  @Test
  void oneThatIsNotAnsweredIsTriedAgain() {
    failures.set(2);
    gate.countDown();
    UnpublishHooks hooks = hooks(1, 10);
    end(hooks, 0, 4);
    awaitCount("told", 4);
    assertThat(told).hasSize(6);
  }
}
