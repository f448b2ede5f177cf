package dev.sluice.edge.hls;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.client.HttpClient;
import dev.sluice.chassis.http.client.HttpClientDeadlines;
import dev.sluice.chassis.http.client.HttpClientRequest;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.tls.ClientTls;
import dev.sluice.edge.cache.EdgeCache;
import dev.sluice.media.hls.HlsContainer;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.PlaylistException;
import dev.sluice.media.hls.PlaylistReader;
import dev.sluice.media.hls.live.HlsUpstream;
import dev.sluice.media.stream.StreamKey;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The origins as an edge asks them for HLS: for playlists all at once, so that one that hangs keeps
 * nobody waiting, until one lists the run of the stream that is meant; media through the cache.
 *
 * <p>Threading: any thread.
 */
public final class OriginHls implements HlsUpstream, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(OriginHls.class);
  private static final int MOST_BYTES = 4 << 20;

  /** An origin that was not asked for the stream before begins with its next segment. */
  private static final HttpClientDeadlines DEADLINES =
      new HttpClientDeadlines(
          Duration.ofSeconds(2),
          Duration.ofSeconds(12),
          Duration.ofSeconds(5),
          Duration.ofSeconds(30));

  private final List<URI> origins;
  private final String name;
  private final EventLoops loops;
  private final EdgeCache cache;
  private final HttpClient client;
  private final OriginLists lists;

  /**
   * Asks these.
   *
   * @param origins base URLs, at least one
   * @param tls for origins of https; null if there are none
   * @param name of this edge
   */
  public OriginHls(
      List<URI> origins, @Nullable ClientTls tls, String name, EventLoops loops, EdgeCache cache) {
    this(origins, tls, name, loops, cache, DEADLINES);
  }

  OriginHls(
      List<URI> origins,
      @Nullable ClientTls tls,
      String name,
      EventLoops loops,
      EdgeCache cache,
      HttpClientDeadlines deadlines) {
    this.origins = List.copyOf(origins);
    this.name = name;
    this.loops = loops;
    this.cache = cache;
    this.client = new HttpClient(loops, deadlines, tls);
    this.lists = new OriginLists(this.origins, name, client, System::nanoTime);
  }

  @Override
  public void media(HttpExchange exchange, String path) {
    cache.handle(exchange, path);
  }

  @Override
  public void playlist(StreamKey key, long incarnation, Consumer<@Nullable MediaPlaylist> told) {
    EventLoop loop = loops.next();
    try {
      loop.execute(() -> new Question(loop, key, incarnation, told).ask());
    } catch (RejectedExecutionException e) {
      told.accept(null); // the server stops
    }
  }

  /** What all origins are asked at once. Confined to the loop. */
  private final class Question {
    private final EventLoop loop;
    private final StreamKey key;
    private final long incarnation;
    private final Consumer<@Nullable MediaPlaylist> told;
    private final List<TextAnswer> answers = new ArrayList<>(origins.size());
    private int awaited = origins.size();
    private boolean over;

    Question(
        EventLoop loop, StreamKey key, long incarnation, Consumer<@Nullable MediaPlaylist> told) {
      this.loop = loop;
      this.key = key;
      this.incarnation = incarnation;
      this.told = told;
    }

    void ask() {
      for (URI origin : origins) {
        if (over) {
          return;
        }
        HttpHeaders headers = new DefaultHttpHeaders().set("CDN-Loop", name);
        HttpClientRequest request =
            HttpClientRequest.get(origin, "/" + key + "/index.m3u8", headers);
        TextAnswer answer = new TextAnswer(MOST_BYTES, this::answered);
        answers.add(answer);
        answer.of(client.send(loop, request, answer));
      }
    }

    private void answered(@Nullable String text) {
      awaited--;
      MediaPlaylist playlist = over || text == null ? null : read(text);
      boolean right = playlist != null && playlist.incarnation() == incarnation;
      if (over || (!right && awaited > 0)) {
        return;
      }
      over = true;
      told.accept(right ? playlist : null);
      answers.forEach(TextAnswer::giveUp); // the others
    }
  }

  private static @Nullable MediaPlaylist read(String text) {
    try {
      return PlaylistReader.read(text);
    } catch (PlaylistException e) {
      log.warn("hls playlist refused reason={} said=\"{}\"", e.reason().word(), e.getMessage());
      return null;
    }
  }

  @Override
  public void list(
      StreamKey key, HlsContainer container, EventLoop loop, Consumer<@Nullable String> told) {
    lists.ask("/" + key + ".m3u8" + container.query(), loop, told);
  }

  @Override
  public void close() {
    client.close();
  }
}
