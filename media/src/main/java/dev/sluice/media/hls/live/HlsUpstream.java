package dev.sluice.media.hls.live;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.stream.StreamKey;
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
   * Asks for the playlist of a stream. Any thread.
   *
   * @param incarnation the run of the stream that is meant
   * @param told called once, on any thread; null when there is none to be had
   */
  void playlist(StreamKey key, long incarnation, Consumer<@Nullable MediaPlaylist> told);
}
