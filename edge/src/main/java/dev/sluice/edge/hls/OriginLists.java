package dev.sluice.edge.hls;

import dev.sluice.chassis.http.client.HttpClient;
import dev.sluice.chassis.http.client.HttpClientRequest;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The origins' multivariant playlists: the first origin that gives one is believed, and what it
 * gave holds for a second, so that many players that come at once are one question.
 *
 * <p>Threading: any thread. A concurrent map, whose compute methods make asking and waiting one
 * step; those who wait are told each on its own loop.
 */
final class OriginLists {
  private static final long FRESH_NANOS = 1_000_000_000L;
  private static final int MOST_BYTES = 64 << 10;
  private static final int MOST_NAMES = 1_000;

  private final List<URI> origins;
  private final String name;
  private final HttpClient client;
  private final LongSupplier nanoClock;
  private final ConcurrentHashMap<String, Known> known = new ConcurrentHashMap<>();

  /**
   * What is known of a name.
   *
   * @param asking whether an answer is awaited
   * @param waiting who waits for it
   */
  private record Known(
      boolean asking,
      @Nullable String text,
      long atNanos,
      List<Consumer<@Nullable String>> waiting) {
    Known {
      waiting = List.copyOf(waiting);
    }
  }

  OriginLists(List<URI> origins, String name, HttpClient client, LongSupplier nanoClock) {
    this.origins = origins;
    this.name = name;
    this.client = client;
    this.nanoClock = nanoClock;
  }

  /** Asks, on a loop. */
  void ask(String path, EventLoop loop, Consumer<@Nullable String> told) {
    long now = nanoClock.getAsLong();
    boolean[] first = new boolean[1];
    boolean[] fresh = new boolean[1];
    Known at =
        known.compute(
            path,
            (k, there) -> {
              first[0] = false;
              fresh[0] = there != null && !there.asking() && now - there.atNanos() < FRESH_NANOS;
              if (there != null && fresh[0]) {
                return there;
              }
              List<Consumer<@Nullable String>> waiting = new ArrayList<>();
              if (there != null && there.asking()) {
                waiting.addAll(there.waiting());
              } else {
                first[0] = true;
              }
              waiting.add(text -> onLoop(loop, () -> told.accept(text)));
              return new Known(true, null, now, waiting);
            });
    if (fresh[0]) {
      told.accept(at.text());
    } else if (first[0]) {
      forgetOld(now);
      ask(loop, 0, path);
    }
  }

  private static void onLoop(EventLoop loop, Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
      return;
    }
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      // The loop is shut down, and the connections with it.
    }
  }

  private void forgetOld(long now) {
    if (known.size() > MOST_NAMES) {
      known.values().removeIf(each -> !each.asking() && now - each.atNanos() >= FRESH_NANOS);
    }
  }

  private void ask(EventLoop loop, int origin, String path) {
    if (origin >= origins.size()) {
      tell(path, null);
      return;
    }
    HttpHeaders headers = new DefaultHttpHeaders().set("CDN-Loop", name);
    HttpClientRequest request = HttpClientRequest.get(origins.get(origin), path, headers);
    TextAnswer answer =
        new TextAnswer(
            MOST_BYTES,
            text -> {
              if (text != null && text.startsWith("#EXTM3U\n")) {
                tell(path, text);
              } else {
                ask(loop, origin + 1, path);
              }
            });
    answer.of(client.send(loop, request, answer));
  }

  private void tell(String path, @Nullable String text) {
    List<Consumer<@Nullable String>> all = new ArrayList<>();
    known.computeIfPresent(
        path,
        (k, there) -> {
          all.clear();
          all.addAll(there.waiting());
          return new Known(false, text, nanoClock.getAsLong(), List.of());
        });
    all.forEach(each -> each.accept(text));
  }
}
