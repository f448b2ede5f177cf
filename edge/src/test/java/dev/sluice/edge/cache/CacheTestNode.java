package dev.sluice.edge.cache;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.http.server.HttpServer;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.MeterDoc;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.edge.vod.FlvSeekHandler;
import io.micrometer.core.instrument.Meter;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** A cache behind an HTTP server, as an edge has it. */
public final class CacheTestNode implements AutoCloseable {
  public static final int SLICE = 256 * 1024;
  public static final Duration PATIENCE = Duration.ofSeconds(90);

  public final Meters meters = new Meters();
  public final EdgeCache cache;
  public final HttpServer server;

  /** Told by each {@link #get} when the first byte is there, on the thread that asks. */
  public volatile Runnable firstByte = () -> {};

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  public CacheTestNode(
      Path dir,
      ByteSize size,
      ByteSize memory,
      EventLoops loops,
      InstantSource clock,
      URI... origins)
      throws IOException {
    this(dir, size, memory, loops, clock, PATIENCE, origins);
  }

  public CacheTestNode(
      Path dir,
      ByteSize size,
      ByteSize memory,
      EventLoops loops,
      InstantSource clock,
      Duration patience,
      URI... origins)
      throws IOException {
    CacheConfig config =
        new CacheConfig(
            dir.toString(),
            size,
            new ByteSize(SLICE),
            memory,
            2,
            Duration.ofSeconds(60),
            Duration.ofSeconds(2),
            Duration.ofHours(1),
            patience,
            1000);
    cache = EdgeCache.open(config, List.of(origins), null, "test-edge", loops, meters, clock);
    server =
        new HttpServer(
            HttpConfig.of("127.0.0.1", 0),
            List.of(),
            loops,
            new Routes().get("/vod/**", new FlvSeekHandler(cache)),
            meters,
            "edge");
    server.start();
  }

  /** What a viewer got. */
  public record View(int status, java.net.http.HttpHeaders headers, byte[] body) {
    public String header(String name) {
      return headers.firstValue(name).orElse("");
    }
  }

  public View get(String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.address().getPort() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpResponse<InputStream> response =
        client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream in = response.body()) {
      int first = in.read();
      firstByte.run();
      byte[] rest = in.readAllBytes();
      byte[] all = new byte[first < 0 ? 0 : rest.length + 1];
      if (first >= 0) {
        all[0] = (byte) first;
        System.arraycopy(rest, 0, all, 1, rest.length);
      }
      return new View(response.statusCode(), response.headers(), all);
    }
  }

  /** Asks for a head; returns its status. */
  public int head(String path) throws Exception {
    URI url = URI.create("http://127.0.0.1:" + server.address().getPort() + path);
    return client
        .send(HttpRequest.newBuilder(url).HEAD().build(), HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  public double count(MeterDoc doc) {
    double sum = 0;
    for (Meter meter : meters.registry().getMeters()) {
      if (meter.getId().getName().equals(doc.meterName())) {
        sum += meter.measure().iterator().next().getValue();
      }
    }
    return sum;
  }

  @Override
  public void close() {
    server.close();
    cache.close();
    client.close();
    meters.close();
  }
}
