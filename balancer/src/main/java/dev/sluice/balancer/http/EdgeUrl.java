package dev.sluice.balancer.http;

import dev.sluice.chassis.auth.UrlSigner;
import dev.sluice.chassis.http.TokenPath;
import java.net.InetAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The URL of what a viewer asked for, at an edge. Its base comes from the fleet alone, never from
 * the request, so that a redirect cannot be led elsewhere; path and query are the viewer's bytes,
 * without our own parameters and, when URLs are signed, with a token.
 */
final class EdgeUrl {
  private static final String LIVE = "/live/";
  private static final String FILES = "/vod/";

  private final @Nullable UrlSigner signer;
  private final HlsUrls urls;
  private final RedirectConfig config;

  EdgeUrl(RedirectConfig config) {
    this.config = config;
    this.urls = new HlsUrls(config);
    this.signer = config.signingKey().isEmpty() ? null : new UrlSigner(config.signingKey());
  }

  /**
   * The URL.
   *
   * @param base of the edge, without a slash at its end
   * @param rawPath as sent, with its leading slash
   * @param path the same decoded, which is what is signed
   * @param rawQuery as sent, without the question mark
   */
  String at(
      String base, String rawPath, String path, String rawQuery, InetAddress client, Instant now) {
    String below = signer == null ? null : hlsPrefix(path);
    if (below != null) {
      String token = urls.prefixToken(below, client, now);
      return base + TokenPath.with(token, rawPath) + query(rawQuery);
    }
    StringBuilder url = new StringBuilder(base).append(rawPath).append(query(rawQuery));
    if (signer != null) {
      long expiry = now.plus(config.validFor()).getEpochSecond();
      InetAddress only = config.bindToClient() ? client : null;
      url.append(url.indexOf("?") < 0 ? '?' : '&')
          .append("token=")
          .append(signer.sign(path, expiry, only));
    }
    return url.toString();
  }

  /** What a player takes that asks for HLS at the edge itself. */
  String hls(String base, String name, InetAddress client, Instant now) {
    return urls.playlist(base, name, urls.token(name, client, now), "");
  }

  /** What all paths of a stream or file for HLS begin with; null for paths that are not HLS. */
  private static @Nullable String hlsPrefix(String path) {
    boolean hls =
        path.startsWith(LIVE)
            ? path.endsWith(".m3u8") || path.indexOf('/', LIVE.length()) > 0
            : path.startsWith(FILES);
    return hls ? TokenPath.prefix(TokenPath.with("-", path)) : null;
  }

  private String query(String rawQuery) {
    StringBuilder url = new StringBuilder();
    char separator = '?';
    for (String pair : rawQuery.split("&")) {
      if (!pair.isEmpty() && !ours(pair)) {
        url.append(separator).append(pair);
        separator = '&';
      }
    }
    return url.toString();
  }

  /** The same at the edge's WebSocket: {@code ws:} for {@code http:}, {@code wss:} for https. */
  static String webSocket(String httpUrl) {
    return httpUrl.startsWith("http") ? "ws" + httpUrl.substring("http".length()) : httpUrl;
  }

  private boolean ours(String pair) {
    return pair.equals("format")
        || pair.startsWith("format=")
        || (signer != null && (pair.equals("token") || pair.startsWith("token=")));
  }
}
