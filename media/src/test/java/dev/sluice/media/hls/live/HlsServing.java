package dev.sluice.media.hls.live;

import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.PlaylistReader;
import dev.sluice.media.live.fanout.StreamListener;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.testkit.Await;
import java.net.InetAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A server, an encoder and players of its stream. */
abstract class HlsServing {
  static final String INDEX = "/live/demo/index.m3u8";
  static final InetAddress HERE = InetAddress.getLoopbackAddress();

  HlsServer server;
  StreamListener.Sink sink;
  final Encoder encoder = new Encoder(0xabc);

  @BeforeEach
  void start() throws Exception {
    server = new HlsServer(null, HlsConfig.defaults());
    sink = server.open("demo");
  }

  @AfterEach
  void stop() {
    sink.closed(EndReason.SHUTDOWN);
    server.close();
  }

  static <T> T get(CompletableFuture<T> answer) throws Exception {
    return answer.get(90, TimeUnit.SECONDS);
  }

  HttpResponse<byte[]> get(String path, String... headers) throws Exception {
    return get(server.ask(path, headers));
  }

  static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.US_ASCII);
  }

  /** Has a stream that somebody watches, with so much on the list. */
  MediaPlaylist watched(long ms) throws Exception {
    CompletableFuture<HttpResponse<byte[]>> first = server.ask(INDEX);
    awaitWaiting(1);
    HlsServer.feed(sink, encoder.next(ms));
    get(first);
    return PlaylistReader.read(text(get(INDEX)));
  }

  void awaitWaiting(int count) {
    Await.until("waiting: " + count, () -> waiting() == count);
  }

  int waiting() {
    HlsStream stream = server.streams.request(new StreamKey("live", "demo"));
    return stream == null ? 0 : stream.waiting();
  }

  static StreamKey demo() {
    return new StreamKey("live", "demo");
  }
}
