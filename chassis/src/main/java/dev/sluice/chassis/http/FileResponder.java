package dev.sluice.chassis.http;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers GET and HEAD with a file: conditional requests, single and multiple ranges, {@code
 * sendfile}. A file is opened on a virtual thread, never on an event loop.
 *
 * <p>Threading: call on the exchange's loop.
 */
public final class FileResponder {
  private static final Logger log = LoggerFactory.getLogger(FileResponder.class);

  /**
   * What is said of a file.
   *
   * @param length bytes; the file must have at least as many
   * @param etag with quotes; null = none
   * @param headers further response headers, for example {@code Cache-Control}
   */
  public record Content(
      long length,
      @Nullable String etag,
      @Nullable Instant lastModified,
      String contentType,
      Map<String, String> headers) {

    public Content {
      headers = Map.copyOf(headers);
    }

    /**
     * Looks at a regular file; blocks. The tag is weak, being made of time and size.
     *
     * @throws NoSuchFileException also when it is no regular file
     */
    public static Content of(Path path) throws IOException {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      if (!attributes.isRegularFile()) {
        throw new NoSuchFileException(path.toString());
      }
      Instant modified = attributes.lastModifiedTime().toInstant();
      String etag =
          "W/\""
              + Long.toHexString(modified.toEpochMilli())
              + "-"
              + Long.toHexString(attributes.size())
              + "\"";
      return new Content(
          attributes.size(),
          etag,
          modified,
          MediaTypes.of(path.getFileName().toString()),
          Map.of());
    }
  }

  /** Opens and looks at a local file first; 404 when it is not there. */
  public void respond(HttpExchange exchange, Path path) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                Content content = Content.of(path);
                ReadableFile file =
                    ReadableFile.local(
                        FileChannel.open(path, StandardOpenOption.READ), VersionCheck.NONE);
                exchange.loop().execute(() -> respond(exchange, content, file));
              } catch (IOException e) {
                exchange.problem(unreadable(exchange, path, e));
              }
            });
  }

  /**
   * Answers with an open file, so that what is sent is the version that {@code content} describes
   * even when another takes its name meanwhile. An answer of two versions is cut short. Takes
   * ownership of {@code open}.
   */
  public void respond(HttpExchange exchange, Content content, ReadableFile open) {
    boolean sending = false;
    try {
      sending = answerOrSend(exchange, content, open);
    } finally {
      if (!sending) {
        FileBody.close(open);
      }
    }
  }

  /**
   * Answers with made bytes and the end of an open file behind them; ranges are not for it. Takes
   * ownership of {@code open}.
   *
   * @param content describes the whole answer, its length and tag included
   * @param range what is sent of the file
   */
  public void respond(
      HttpExchange exchange, Content content, ReadableFile open, byte[] head, HttpRange range) {
    boolean sending = false;
    try {
      Conditionals.Verdict verdict =
          Conditionals.evaluate(exchange.headers(), true, content.etag(), content.lastModified());
      if (exchange.answered() || verdict != Conditionals.Verdict.PROCEED || exchange.headOnly()) {
        answerWithoutBody(exchange, content, verdict);
        return;
      }
      ResponseStream stream =
          exchange.begin(
              200,
              headers -> {
                describe(headers, content);
                headers.set("Accept-Ranges", "none");
                headers.set(HttpNames.CONTENT_TYPE, content.contentType());
              },
              content.length());
      new FileBody(stream, open, List.of(new BodyPart(head, range))).start();
      sending = true;
    } finally {
      if (!sending) {
        FileBody.close(open);
      }
    }
  }

  private static void answerWithoutBody(
      HttpExchange exchange, Content content, Conditionals.Verdict verdict) {
    switch (verdict) {
      case NOT_MODIFIED -> notModified(exchange, content);
      case FAILED -> changed(exchange);
      case PROCEED ->
          exchange.respond(
              HttpResponseStatus.OK,
              headers -> {
                describe(headers, content);
                headers.set("Accept-Ranges", "none");
                headers.set(HttpNames.CONTENT_TYPE, content.contentType());
                headers.set(HttpNames.CONTENT_LENGTH, Long.toString(content.length()));
              },
              new byte[0]);
    }
  }

  private static void notModified(HttpExchange exchange, Content content) {
    exchange.respond(
        HttpResponseStatus.NOT_MODIFIED, headers -> describe(headers, content), new byte[0]);
  }

  private static void changed(HttpExchange exchange) {
    exchange.problem(
        Problem.of(412, "precondition-failed", "Precondition failed", "The file has changed."));
  }

  /** True when the file itself is being sent and will be closed after it. */
  private static boolean answerOrSend(HttpExchange exchange, Content content, ReadableFile open) {
    Conditionals.Verdict verdict =
        Conditionals.evaluate(exchange.headers(), true, content.etag(), content.lastModified());
    switch (verdict) {
      case NOT_MODIFIED -> notModified(exchange, content);
      case FAILED -> changed(exchange);
      case PROCEED -> {
        return proceed(exchange, content, open);
      }
    }
    return false;
  }

  private static boolean proceed(HttpExchange exchange, Content content, ReadableFile open) {
    HttpRange.Selection selection =
        Conditionals.rangeApplies(exchange.headers(), content.etag(), content.lastModified())
                && !exchange.headOnly()
            ? HttpRange.select(exchange.header("Range"), content.length())
            : new HttpRange.Whole();
    switch (selection) {
      case HttpRange.Unsatisfiable u -> exchange.problem(unsatisfiable(content.length()));
      case HttpRange.Whole w -> {
        if (exchange.headOnly() || content.length() == 0) {
          exchange.respond(
              HttpResponseStatus.OK,
              headers -> {
                describe(headers, content);
                headers.set(HttpNames.CONTENT_TYPE, content.contentType());
                headers.set(HttpNames.CONTENT_LENGTH, Long.toString(content.length()));
              },
              new byte[0]);
        } else {
          List<HttpRange> all = List.of(new HttpRange(0, content.length() - 1));
          send(exchange, content, open, all, false);
          return true;
        }
      }
      case HttpRange.Parts parts -> {
        send(exchange, content, open, parts.ranges(), true);
        return true;
      }
    }
    return false;
  }

  /** The answer to a range that lies outside. */
  public static Problem unsatisfiable(long length) {
    return Problem.of(
            416,
            "range-not-satisfiable",
            "Range not satisfiable",
            "The range lies outside of the " + length + " bytes there are.")
        .with("Content-Range", HttpRange.unsatisfied(length));
  }

  private static void describe(HttpHeaders headers, Content content) {
    headers.set("Accept-Ranges", "bytes");
    if (content.etag() != null) {
      headers.set("ETag", content.etag());
    }
    if (content.lastModified() != null) {
      headers.set("Last-Modified", Conditionals.format(content.lastModified()));
    }
    content.headers().forEach(headers::set);
  }

  private static Problem unreadable(HttpExchange exchange, Path path, IOException e) {
    if (e instanceof NoSuchFileException) {
      return Problem.notFound("There is no file " + exchange.path() + ".");
    }
    log.warn("file unreadable path={} reason=\"{}\"", path, e.toString());
    return Problem.of(500, "file-unreadable", "File unreadable", "This file cannot be read.");
  }

  private static void send(
      HttpExchange exchange,
      Content content,
      ReadableFile file,
      List<HttpRange> ranges,
      boolean partial) {
    if (exchange.answered()) {
      FileBody.close(file);
      return;
    }
    if (ranges.size() == 1) {
      HttpRange range = ranges.getFirst();
      ResponseStream stream =
          exchange.begin(
              partial ? 206 : 200,
              headers -> {
                describe(headers, content);
                headers.set(HttpNames.CONTENT_TYPE, content.contentType());
                if (partial) {
                  headers.set("Content-Range", range.contentRange(content.length()));
                }
              },
              range.length());
      new FileBody(stream, file, List.of(BodyPart.of(range))).start();
      return;
    }
    Multipart multipart = new Multipart(ranges, content.contentType(), content.length());
    ResponseStream stream =
        exchange.begin(
            206,
            headers -> {
              describe(headers, content);
              headers.set(HttpNames.CONTENT_TYPE, multipart.contentType());
            },
            multipart.length());
    new FileBody(stream, file, multipart.parts()).start();
  }
}
