package dev.sluice.chassis.http;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One answer with an open file, by what the request's conditions and ranges say. Owns the file,
 * which is closed once the answer is made or has left.
 *
 * <p>Threading: confined to the exchange's loop.
 */
final class FileAnswer {
  private static final byte[] NOTHING = {};

  private final HttpExchange exchange;
  private final FileResponder.Content content;
  private final ReadableFile file;
  private final String acceptRanges;
  private boolean sending;

  private FileAnswer(
      HttpExchange exchange,
      FileResponder.Content content,
      ReadableFile file,
      String acceptRanges) {
    this.exchange = exchange;
    this.content = content;
    this.file = file;
    this.acceptRanges = acceptRanges;
  }

  /** Answers with the file, or with the ranges of it that are asked for. */
  static void send(HttpExchange exchange, FileResponder.Content content, ReadableFile file) {
    FileAnswer answer = new FileAnswer(exchange, content, file, "bytes");
    answer.run(answer::select);
  }

  /** Answers with made bytes and a range of the file behind them. */
  static void send(
      HttpExchange exchange, FileResponder.Content content, ReadableFile file, BodyPart part) {
    FileAnswer answer = new FileAnswer(exchange, content, file, "none");
    answer.run(() -> answer.whole(List.of(part)));
  }

  private void run(Runnable proceed) {
    try {
      switch (Conditionals.evaluate(
          exchange.headers(), true, content.etag(), content.lastModified())) {
        case NOT_MODIFIED ->
            exchange.respond(
                HttpResponseStatus.NOT_MODIFIED, headers -> describe(headers, "bytes"), NOTHING);
        case FAILED ->
            exchange.problem(
                Problem.of(
                    412, "precondition-failed", "Precondition failed", "The file has changed."));
        case PROCEED -> proceed.run();
      }
    } finally {
      if (!sending) {
        FileBody.close(file);
      }
    }
  }

  private void select() {
    boolean ranges =
        !exchange.headOnly()
            && Conditionals.rangeApplies(
                exchange.headers(), content.etag(), content.lastModified());
    HttpRange.Selection selection =
        ranges
            ? HttpRange.select(exchange.header("Range"), content.length())
            : new HttpRange.Whole();
    switch (selection) {
      case HttpRange.Unsatisfiable u ->
          exchange.problem(FileResponder.unsatisfiable(content.length()));
      case HttpRange.Whole w -> {
        if (content.length() == 0) {
          headOnly();
        } else {
          whole(List.of(BodyPart.of(new HttpRange(0, content.length() - 1))));
        }
      }
      case HttpRange.Parts parts -> parts(parts.ranges());
    }
  }

  private void headOnly() {
    exchange.respond(
        HttpResponseStatus.OK,
        headers -> {
          describe(headers, acceptRanges);
          headers.set(HttpNames.CONTENT_TYPE, content.contentType());
          headers.set(HttpNames.CONTENT_LENGTH, Long.toString(content.length()));
        },
        NOTHING);
  }

  private void whole(List<BodyPart> parts) {
    if (exchange.headOnly()) {
      headOnly();
    } else {
      begin(200, content.contentType(), null, content.length(), parts);
    }
  }

  private void parts(List<HttpRange> ranges) {
    if (ranges.size() == 1) {
      HttpRange range = ranges.getFirst();
      begin(
          206,
          content.contentType(),
          range.contentRange(content.length()),
          range.length(),
          List.of(BodyPart.of(range)));
    } else {
      Multipart all = new Multipart(ranges, content.contentType(), content.length());
      begin(206, all.contentType(), null, all.length(), all.parts());
    }
  }

  private void begin(
      int status,
      String contentType,
      @Nullable String contentRange,
      long length,
      List<BodyPart> parts) {
    if (exchange.answered()) {
      return; // the client has gone
    }
    ResponseStream stream =
        exchange.begin(
            status,
            headers -> {
              describe(headers, acceptRanges);
              headers.set(HttpNames.CONTENT_TYPE, contentType);
              if (contentRange != null) {
                headers.set("Content-Range", contentRange);
              }
            },
            length);
    new FileBody(stream, file, parts).start();
    sending = true;
  }

  private void describe(HttpHeaders headers, String ranges) {
    headers.set("Accept-Ranges", ranges);
    if (content.etag() != null) {
      headers.set("ETag", content.etag());
    }
    if (content.lastModified() != null) {
      headers.set("Last-Modified", Conditionals.format(content.lastModified()));
    }
    content.headers().forEach(headers::set);
  }
}
