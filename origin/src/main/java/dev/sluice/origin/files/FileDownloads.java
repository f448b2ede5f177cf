package dev.sluice.origin.files;

import dev.sluice.chassis.auth.RefusalPace;
import dev.sluice.chassis.auth.SlowedGuesses;
import dev.sluice.chassis.http.FileResponder;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpRange;
import dev.sluice.chassis.http.MediaTypes;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.ProblemException;
import dev.sluice.media.vod.FlvCut;
import dev.sluice.media.vod.SeekQuery;
import dev.sluice.media.vod.VodListQuery;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * GET and HEAD of a file: the whole, ranges, an FLV file from a keyframe on, over HLS, or as MP4.
 *
 * <p>Threading: on the exchange's loop, as {@link FilesApi}.
 */
final class FileDownloads {
  private final FileStore store;
  private final String cacheControl;
  private final SlowedGuesses guesses = new SlowedGuesses(new RefusalPace());
  private final FileResponder responder = new FileResponder();
  private final HlsDownloads hls;
  private final Mp4Downloads mp4;

  /**
   * Has answered nobody yet.
   *
   * @param cacheControl header of every file
   */
  FileDownloads(FileStore store, String cacheControl) {
    this.store = store;
    this.cacheControl = cacheControl;
    this.hls = new HlsDownloads(store, headers(null));
    this.mp4 = new Mp4Downloads(store, headers(null));
  }

  void get(HttpExchange exchange) {
    String rest = exchange.rest();
    if (FilePath.fault(rest) != null) {
      notThere(exchange);
      return;
    }
    String wanted = list(exchange).name(rest);
    if (FilePath.fault(wanted) != null) {
      notThere(exchange);
      return;
    }
    FilePath path = new FilePath(wanted);
    SeekQuery seek = seek(exchange);
    FileCalls.runAside(
        exchange,
        () -> {
          OpenFile file = store.open(path);
          if (file == null) {
            if (!hls.answer(exchange, path) && !mp4.answer(exchange, path)) {
              notThere(exchange);
            }
            return;
          }
          if (seek != null && sendCut(exchange, file, seek)) {
            return;
          }
          String tag = tag(exchange, file);
          FileResponder.Content content =
              new FileResponder.Content(
                  file.size(),
                  tag,
                  file.modified(),
                  MediaTypes.of(path.value()),
                  headers(file.hash()));
          try {
            exchange.loop().execute(() -> responder.respond(exchange, content, file.content()));
          } catch (RejectedExecutionException e) {
            file.close();
          }
        });
  }

  private static @Nullable SeekQuery seek(HttpExchange exchange) {
    try {
      return SeekQuery.of(exchange.path(), exchange.query("t"), exchange.query("start"));
    } catch (IllegalArgumentException e) {
      throw new ProblemException(
          Problem.of(
              400,
              "bad-seek",
              "Request refused",
              FileCalls.sentence(String.valueOf(e.getMessage()))));
    }
  }

  private static VodListQuery list(HttpExchange exchange) {
    try {
      return VodListQuery.of(
          exchange.path(),
          exchange.query("container"),
          exchange.query("from"),
          exchange.query("to"));
    } catch (IllegalArgumentException e) {
      throw new ProblemException(
          Problem.badRequest("bad-clip", FileCalls.sentence(String.valueOf(e.getMessage()))));
    }
  }

  /** Sends an FLV file from a keyframe on; false when it has none, then nothing is sent. */
  private boolean sendCut(HttpExchange exchange, OpenFile file, SeekQuery seek) throws IOException {
    FlvCut cut;
    try {
      cut = FlvSeekRequest.cut(file, seek);
    } catch (IOException e) {
      file.close();
      throw e;
    }
    if (cut == null) {
      return false;
    }
    Map<String, String> headers = new HashMap<>(headers(null));
    FileResponder.Content content =
        new FileResponder.Content(
            cut.length(file.size()),
            cut.etag(tag(exchange, file)),
            file.modified(),
            MediaTypes.of(file.path().value()),
            headers);
    HttpRange tail = new HttpRange(cut.position(), file.size() - 1);
    try {
      exchange
          .loop()
          .execute(() -> responder.respond(exchange, content, file.content(), cut.head(), tail));
    } catch (RejectedExecutionException e) {
      file.close();
    }
    return true;
  }

  /**
   * The tag of an answer: the older one of a file that has been read meanwhile for whoever knows it
   * by that, so that a cache need not fetch the same bytes again.
   */
  private static String tag(HttpExchange exchange, OpenFile file) {
    for (String name : List.of("If-None-Match", "If-Match", "If-Range")) {
      for (String value : exchange.headers().getAll(name)) {
        // A tag of a part of the file is made of this one, see FlvCut.
        if (value.contains(file.otherTag().substring(0, file.otherTag().length() - 1))) {
          return file.otherTag();
        }
      }
    }
    return file.etag();
  }

  private Map<String, String> headers(@Nullable String hash) {
    Map<String, String> headers = new HashMap<>();
    headers.put("Cache-Control", cacheControl);
    if (hash != null) {
      headers.put("Repr-Digest", ContentDigests.reprDigest(hash));
    }
    headers.put("Access-Control-Allow-Origin", "*");
    headers.put(
        "Access-Control-Expose-Headers",
        "Accept-Ranges, Content-Length, Content-Range, ETag, Repr-Digest");
    return headers;
  }

  /**
   * Late for who tries many names. An edge is told at once: it asks for its viewers, whom it slows
   * itself, and would take an origin that answers late for one that hangs.
   */
  private void notThere(HttpExchange exchange) {
    if (exchange.headers().contains("CDN-Loop")) {
      exchange.problem(FileCalls.absent(exchange));
    } else {
      guesses.absent(exchange, exchange.path(), FileCalls.absent(exchange));
    }
  }
}
