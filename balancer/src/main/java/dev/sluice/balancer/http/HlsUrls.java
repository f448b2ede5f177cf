package dev.sluice.balancer.http;

import dev.sluice.chassis.auth.UrlSigner;
import dev.sluice.chassis.auth.UrlSigner.Verdict;
import dev.sluice.chassis.http.TokenPath;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The URLs of a live stream's HLS: at edges, and that by which a player asks for steering. All can
 * stand in a playlist's quoted strings: names and the viewer's query are escaped again, as what a
 * client sent may hold quotes. Pure but for the session that a new token draws.
 */
final class HlsUrls {
  static final String PATHWAYS = "pathways";
  static final String TOKEN = "token";
  static final String RENEWED = "renewed";

  private static final Set<String> OURS = Set.of("format", PATHWAYS, TOKEN, RENEWED);
  private static final String DIRECTIVE = "_HLS_";
  private static final String UNRESERVED = "-._~";
  private static final String OF_QUERIES = UNRESERVED + "!$'()*,;:@/?=&%+";
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private final @Nullable UrlSigner signer;
  private final RedirectConfig config;

  HlsUrls(RedirectConfig config) {
    this.config = config;
    this.signer = config.signingKey().isEmpty() ? null : new UrlSigner(config.signingKey());
  }

  /** A token of a viewer who comes now; empty when URLs are not signed. */
  String token(String name, InetAddress client, Instant now) {
    return token(name, UrlSigner.newSession(), client, now);
  }

  /** The same for a prefix of paths, {@link TokenPath#prefix}. */
  String prefixToken(String prefix, InetAddress client, Instant now) {
    return signed(prefix, UrlSigner.newSession(), client, now);
  }

  private String token(String name, String session, InetAddress client, Instant now) {
    return signed(prefix(name), session, client, now);
  }

  private String signed(String prefix, String session, InetAddress client, Instant now) {
    if (signer == null) {
      return "";
    }
    long expiry = now.plus(config.validFor()).getEpochSecond();
    InetAddress only = config.bindToClient() ? client : null;
    return signer.signPrefix(prefix, session, expiry, only);
  }

  /**
   * The same token while half of its time is left, else one with as much time as a new one has. It
   * keeps the session of a token that was good once, so that nobody takes the session of another.
   */
  String renewed(String name, String token, InetAddress client, Instant now) {
    if (signer == null) {
      return "";
    }
    Duration half = config.validFor().dividedBy(2);
    return switch (signer.verifyPrefix(prefix(name), token, now, client)) {
      case Verdict.Valid(Instant expiry) when now.plus(half).isBefore(expiry) -> token;
      case Verdict.Valid _, Verdict.Expired _ -> token(name, TokenPath.session(token), client, now);
      case Verdict.Forged _, Verdict.Missing _ -> token(name, client, now);
    };
  }

  private static String prefix(String name) {
    return "/live/" + name + "/";
  }

  /**
   * A token of the same viewer for another rendition, as good for as long.
   *
   * @param token ours, as just made or renewed
   */
  String tokenOf(String name, String rendition, String token, InetAddress client) {
    if (signer == null || rendition.equals(name)) {
      return token;
    }
    long expiry = Long.parseLong(token.substring(0, token.indexOf('.')), 16);
    InetAddress only = config.bindToClient() ? client : null;
    return signer.signPrefix(prefix(rendition), TokenPath.session(token), expiry, only);
  }

  /** The media playlist at an edge. */
  String media(String base, String name, String token, String rawQuery) {
    return at(base, "/live/" + escaped(name) + "/index.m3u8", token) + query('?', rawQuery);
  }

  /** What a player is given that asks no balancer. */
  String playlist(String base, String name, String token, String rawQuery) {
    return at(base, path(name), token) + query('?', rawQuery);
  }

  /** The path of the playlist here. */
  static String path(String name) {
    return "/live/" + escaped(name) + ".m3u8";
  }

  private static String at(String base, String path, String token) {
    return base + (token.isEmpty() ? path : TokenPath.with(token, path));
  }

  /**
   * Where to ask for steering, at the server that gave the playlist.
   *
   * @param pathways that the playlist has
   * @param renewals how often the token was renewed
   */
  String steering(String name, List<String> pathways, String token, int renewals, String rawQuery) {
    return "/steering/live/"
        + escaped(name)
        + "?"
        + PATHWAYS
        + "="
        + String.join(",", pathways)
        + (token.isEmpty() ? "" : "&" + TOKEN + "=" + token)
        + (renewals == 0 ? "" : "&" + RENEWED + "=" + renewals)
        + query('&', rawQuery);
  }

  /** The viewer's own parameters. */
  private static String query(char before, String rawQuery) {
    StringBuilder query = new StringBuilder();
    char separator = before;
    for (String pair : rawQuery.split("&")) {
      String name = pair.substring(0, pair.indexOf('=') < 0 ? pair.length() : pair.indexOf('='));
      if (!pair.isEmpty() && !OURS.contains(name) && !name.startsWith(DIRECTIVE)) {
        query.append(separator).append(escaped(pair, OF_QUERIES));
        separator = '&';
      }
    }
    return query.toString();
  }

  private static String escaped(String name) {
    return escaped(name, UNRESERVED);
  }

  private static String escaped(String text, String kept) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      boolean plain = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9');
      if (plain || kept.indexOf(b) >= 0) {
        escaped.append((char) b);
      } else {
        escaped.append('%').append(HEX.toHexDigits(b));
      }
    }
    return escaped.toString();
  }
}
