package dev.sluice.media.live;

import dev.sluice.chassis.auth.AdminToken;
import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.config.RtmpConfig;
import dev.sluice.chassis.config.RtmpRoot;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.http.HttpServer;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** One server with RTMP and HTTP-FLV on free loopback ports, for tests. */
final class LiveServer implements AutoCloseable {
  static final Secret OPERATOR = Secret.of("operator");

  final EventLoops loops;
  final Meters meters = new Meters();
  final LiveHub hub;
  final RtmpServer rtmp;
  private final HttpServer http;

  private LiveServer(int workers, LiveConfig config, PublishAuthorizer authorizer)
      throws Exception {
    this(workers, config, authorizer, RtmpConfig.of("127.0.0.1", 0));
  }

  private LiveServer(int workers, LiveConfig config, PublishAuthorizer authorizer, RtmpConfig at)
      throws Exception {
    this(workers, config, authorizer, at, System::nanoTime);
  }

  private LiveServer(
      int workers,
      LiveConfig config,
      PublishAuthorizer authorizer,
      RtmpConfig at,
      LongSupplier nanoClock)
      throws Exception {
    loops = EventLoops.create(workers);
    hub = new LiveHub(config, meters, nanoClock);
    rtmp = new RtmpServer(hub, loops, at, authorizer, meters);
    Routes routes =
        new Routes()
            .get("/live/{name}", new HttpFlvHandler(hub))
            .get("/api/streams", new StreamsHandler(hub, new AdminToken(OPERATOR)));
    new KickHandler(hub, new AdminToken(OPERATOR), null).add(routes);
    http = new HttpServer(HttpConfig.of("127.0.0.1", 0), List.of(), loops, routes, meters, "test");
    rtmp.start();
    http.start();
  }

  /** One that sends its peers elsewhere when it drains. */
  static LiveServer startBeside(String elsewhere) throws Exception {
    RtmpConfig at = new RtmpConfig("127.0.0.1", 0, List.of(), RtmpRoot.parse(elsewhere));
    return new LiveServer(1, config(), PublishAuthorizer.anyone(), at);
  }

  static LiveServer start() throws Exception {
    return start(2, config());
  }

  static LiveServer start(int workers, LiveConfig config) throws Exception {
    return new LiveServer(workers, config, PublishAuthorizer.anyone());
  }

  /** One whose streams go by another clock than the machine's. */
  static LiveServer startWithClock(PublishAuthorizer authorizer, LongSupplier nanoClock)
      throws Exception {
    return new LiveServer(2, config(), authorizer, RtmpConfig.of("127.0.0.1", 0), nanoClock);
  }

  static LiveServer start(PublishAuthorizer authorizer) throws Exception {
    return new LiveServer(2, config(), authorizer);
  }

  /** The defaults, but nobody waits long for what is not there. */
  static LiveConfig config() {
    return new LiveConfigBuilder().joinWait(Duration.ofMillis(1500)).build();
  }

  int rtmpPort() {
    return rtmp.address().getPort();
  }

  int httpPort() {
    return http.address().getPort();
  }

  String rtmpUrl(String key) {
    return "rtmp://127.0.0.1:" + rtmpPort() + "/" + key;
  }

  String flvUrl(String key) {
    return "http://127.0.0.1:" + httpPort() + "/" + key + ".flv";
  }

  StreamStats stream(String key) {
    return hub.streams().stream().filter(s -> s.key().equals(key)).findFirst().orElseThrow();
  }

  boolean has(String key) {
    return hub.streams().stream().anyMatch(s -> s.key().equals(key));
  }

  /** Goes down as far as its connections let it. */
  void drain(Duration limit) {
    rtmp.drain(limit);
  }

  static <T> T on(EventLoop loop, Callable<T> work) throws Exception {
    return loop.submit(work).get(90, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    http.close();
    rtmp.close();
    hub.close();
    loops.close();
    meters.close();
  }
}
