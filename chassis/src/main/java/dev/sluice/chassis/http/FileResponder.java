package dev.sluice.chassis.http;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
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
    FileAnswer.send(exchange, content, open);
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
    FileAnswer.send(exchange, content, open, new BodyPart(head, range));
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

  private static Problem unreadable(HttpExchange exchange, Path path, IOException e) {
    if (e instanceof NoSuchFileException) {
      return Problem.notFound("There is no file " + exchange.path() + ".");
    }
    log.warn("file unreadable path={} reason=\"{}\"", path, e.toString());
    return Problem.of(500, "file-unreadable", "File unreadable", "This file cannot be read.");
  }
}
