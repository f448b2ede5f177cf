package dev.sluice.media.hls.live;

import dev.sluice.chassis.auth.AdminToken;
import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.http.server.HttpServer;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.live.LiveConfig;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.live.fanout.StreamListener;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A server of HLS whose streams a test feeds. */
final class HlsServer implements AutoCloseable {
  static final String ADMIN = "operator-of-the-test";
  private static final AdminToken OPERATOR = new AdminToken(Secret.of(ADMIN));
  final EventLoops loops = EventLoops.create(2);
  final Meters meters = new Meters();
  final LiveHub hub;
  final AtomicLong nanos = new AtomicLong(System.nanoTime());
  final HlsStreams streams;
  private final HttpServer http;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  HlsServer(@Nullable HlsUpstream upstream, HlsConfig config) throws Exception {
    this(upstream, config, LiveConfig.defaults());
  }

  HlsServer(@Nullable HlsUpstream upstream, HlsConfig config, LiveConfig live) throws Exception {
    hub = new LiveHub(live, meters);
    HlsContext context = new HlsContext(config, new PlainMuxer(), upstream, meters, nanos::get);
    streams = new HlsStreams(hub, loops, context);
    Routes routes = new Routes();
    new HlsHandlers(streams).add(routes, handler -> handler);
    new ThumbnailHandler(streams).add(routes, handler -> handler);
    new HlsViewersApi(streams, OPERATOR, true).add(routes);
    http = new HttpServer(HttpConfig.of("127.0.0.1", 0), List.of(), loops, routes, meters, "test");
    streams.start();
    http.start();
  }

  StreamListener.Sink open(String name) {
    return Objects.requireNonNull(
        streams.opened(new StreamKey("live", name), PublisherInfo.encoder("127.0.0.1", "")));
  }

  static void feed(StreamListener.Sink sink, List<FlvTag> tags) {
    for (FlvTag tag : tags) {
      sink.tag(tag);
      tag.release();
    }
  }

  CompletableFuture<HttpResponse<byte[]>> ask(String path, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  /** An operator's call. */
  HttpResponse<String> operator(String method, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(uri(path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .header("Authorization", "Bearer " + ADMIN)
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + http.address().getPort() + path);
  }

  @Override
  public void close() {
    client.close();
    http.close();
    streams.close();
    hub.close();
    meters.close();
    loops.close();
  }
}
