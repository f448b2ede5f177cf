package dev.sluice.media.hls.live;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.media.hls.HlsContainer;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.stream.StreamKey;
import io.netty.channel.EventLoop;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Another server that makes the same HLS: of an edge, the origins. */
public interface HlsUpstream {
  /**
   * Answers a request for media that is not here.
   *
   * @param path of what is wanted, with leading slash, without a token
   */
  void media(HttpExchange exchange, String path);

  /**
   * Asks for the multivariant playlist of a stream or group of renditions. Called on {@code loop}.
   *
   * @param told called once, on {@code loop}; null when there is none to be had
   */
  default void list(
      StreamKey key, HlsContainer container, EventLoop loop, Consumer<@Nullable String> told) {
    told.accept(null);
  }

  /**
   * Asks for the playlist of a stream. Any thread.
   *
   * @param incarnation the run of the stream that is meant
   * @param told called once, on any thread; null when there is none to be had
   */
  void playlist(StreamKey key, long incarnation, Consumer<@Nullable MediaPlaylist> told);
}
