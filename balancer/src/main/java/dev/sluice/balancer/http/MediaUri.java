package dev.sluice.balancer.http;

import dev.sluice.balancer.routing.RoutingRequest.Kind;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a viewer's path asks for. All URLs of one stream have one key: {@code /live/demo.flv} and
 * {@code /live/demo.m3u8} both {@code live/demo}. A file's key is its path. Pure.
 *
 * @param kind live or file
 * @param key what rendezvous hashing goes by
 * @param webSocket whether edges serve it over WebSocket too
 */
record MediaUri(Kind kind, String key, boolean webSocket) {
  private static final String LIVE = "/live/";
  private static final String FILES = "/vod/";
  private static final String FLV = ".flv";
  private static final Set<String> ENDINGS = Set.of("flv", "m3u8", "ts", "m4s", "mp4", "mpd");

  /** Null if the path is not one of media. The path is decoded. */
  static @Nullable MediaUri of(String path) {
    if (path.startsWith(LIVE) && path.length() > LIVE.length()) {
      int slash = path.indexOf('/', LIVE.length());
      String name = path.substring(LIVE.length(), slash < 0 ? path.length() : slash);
      return name.isEmpty()
          ? null
          : new MediaUri(Kind.LIVE, "live/" + withoutEnding(name), path.endsWith(".flv"));
    }
    if (path.startsWith(FILES) && path.length() > FILES.length()) {
      return new MediaUri(Kind.FILE, path.substring(1), false);
    }
    return null;
  }

  /**
   * What follows an edge's RTMP address to play the same: {@code /live/demo}, {@code /vod/one}.
   * Null for a file that is not FLV, which RTMP cannot carry.
   */
  @Nullable String rtmpPath() {
    if (kind == Kind.LIVE) {
      return "/" + key;
    }
    return key.endsWith(FLV) && key.length() > FILES.length() - 1 + FLV.length()
        ? "/" + key.substring(0, key.length() - FLV.length())
        : null;
  }

  /** What the stream is called, decoded; null for a file. */
  @Nullable String streamName() {
    return kind == Kind.LIVE ? key.substring(LIVE.length() - 1) : null;
  }

  private static String withoutEnding(String name) {
    int dot = name.lastIndexOf('.');
    return dot > 0 && ENDINGS.contains(name.substring(dot + 1)) ? name.substring(0, dot) : name;
  }
}
