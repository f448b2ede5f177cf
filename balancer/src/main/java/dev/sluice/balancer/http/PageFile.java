package dev.sluice.balancer.http;

import dev.sluice.chassis.http.Conditionals;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.MediaTypes;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** One file of the page as it is sent: as it is, and compressed once where that is shorter. */
final class PageFile {
  private static final byte[] EMPTY = {};

  /** Pages play media of any edge, run the balancer's own scripts and nothing else. */
  private static final String POLICY =
      "default-src 'self'; connect-src * ws: wss:; media-src * blob: data:; img-src 'self' data: blob:;"
          + " worker-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors ";

  private final byte[] plain;
  private final byte @Nullable [] gzip;
  private final String type;
  private final String hash;

  private PageFile(byte[] plain, String type) {
    this.plain = plain;
    this.type = type;
    this.hash = hashOf(plain);
    byte[] smaller = MediaTypes.isPassive(type) ? null : compressed(plain);
    this.gzip = smaller != null && smaller.length < plain.length ? smaller : null;
  }

  /** Reads {@code web/NAME} from the class path; blocks. Null when there is none. */
  static @Nullable PageFile load(String name) throws IOException {
    try (InputStream in = PageFile.class.getResourceAsStream("/web/" + name)) {
      return in == null ? null : new PageFile(in.readAllBytes(), MediaTypes.of(name));
    }
  }

  /**
   * Answers with it, or that it has not changed.
   *
   * @param ancestors which pages may have it in a frame, where it is a page itself
   */
  void answer(HttpExchange exchange, String ancestors) {
    boolean zipped = gzip != null && takesGzip(exchange.headers());
    byte[] body = gzip != null && zipped ? gzip : plain;
    String etag = '"' + hash + (zipped ? "-gzip\"" : "\"");
    boolean same =
        Conditionals.evaluate(exchange.headers(), true, etag, null)
            == Conditionals.Verdict.NOT_MODIFIED;
    exchange.respond(
        same ? HttpResponseStatus.NOT_MODIFIED : HttpResponseStatus.OK,
        headers -> {
          headers
              .set("ETag", etag)
              .set("Cache-Control", "no-cache")
              .set("Vary", "Accept-Encoding")
              .set("X-Content-Type-Options", "nosniff");
          if (type.startsWith("text/html")) {
            headers.set("Content-Security-Policy", POLICY + ancestors);
            headers.set("Referrer-Policy", "strict-origin-when-cross-origin");
          }
          if (!same) {
            headers.set("Content-Type", type);
            if (zipped) {
              headers.set("Content-Encoding", "gzip");
            }
          }
        },
        same ? EMPTY : body);
  }

  private static boolean takesGzip(HttpHeaders headers) {
    for (String line : headers.getAll("Accept-Encoding")) {
      for (String one : line.toLowerCase(Locale.ROOT).split(",")) {
        String[] parts = one.strip().split(";");
        if (parts[0].strip().equals("gzip")) {
          return parts.length == 1 || !parts[1].strip().matches("q=0(\\.0*)?");
        }
      }
    }
    return false;
  }

  private static byte[] compressed(byte[] plain) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(plain.length / 2);
    try (GZIPOutputStream gzip = new Best(out)) {
      gzip.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException("memory takes every byte", e);
    }
    return out.toByteArray();
  }

  private static final class Best extends GZIPOutputStream {
    Best(ByteArrayOutputStream out) throws IOException {
      super(out);
      def.setLevel(Deflater.BEST_COMPRESSION);
    }
  }

  private static String hashOf(byte[] body) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(body);
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
