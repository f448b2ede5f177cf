package dev.sluice.origin.files;

import dev.sluice.chassis.auth.AdminToken;
import dev.sluice.chassis.auth.RefusalPace;
import dev.sluice.chassis.auth.SlowedGuesses;
import dev.sluice.chassis.http.FileResponder;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpRange;
import dev.sluice.chassis.http.MediaTypes;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.ProblemException;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.vod.FlvCut;
import dev.sluice.media.vod.SeekQuery;
import dev.sluice.origin.metrics.OriginMeters;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * The HTTP calls on stored files:
 *
 * <pre>
 * GET, HEAD  /vod/PATH         ranges, If-None-Match, If-Modified-Since, If-Range; for everyone;
 *                              ?t=SECONDS and ?start=BYTES of an FLV file
 * PUT        /vod/PATH         If-Match, If-None-Match, Content-Digest, Repr-Digest; admin token
 * DELETE     /vod/PATH         If-Match; admin token
 * GET        /api/files        ?prefix=&amp;after=&amp;limit=, sorted by path; admin token
 * </pre>
 *
 * <p>Threading: handlers run on the exchange's loop and hand each call to a virtual thread, as the
 * store blocks.
 */
public final class FilesApi {
  private static final Logger log = LoggerFactory.getLogger(FilesApi.class);
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int DEFAULT_PAGE = 1000;
  private static final int MAX_PAGE = 10_000;

  private final FileStore store;
  private final String cacheControl;
  private final AdminToken adminToken;
  private final Meters meters;
  private final SlowedGuesses absent = new SlowedGuesses(new RefusalPace());
  private final FileResponder responder = new FileResponder();

  /** Calls on a store; the caller closes it after the HTTP server. */
  public FilesApi(FileStore store, String cacheControl, AdminToken adminToken, Meters meters) {
    this.store = store;
    this.cacheControl = cacheControl;
    this.adminToken = adminToken;
    this.meters = meters;
    for (Refusal reason : Refusal.values()) {
      meters.counter(OriginMeters.UPLOADS, reason.slug());
      meters.counter(OriginMeters.DELETES, reason.slug());
    }
    meters.counter(OriginMeters.UPLOADS, "created");
    meters.counter(OriginMeters.UPLOADS, "replaced");
    meters.counter(OriginMeters.UPLOADED);
    meters.counter(OriginMeters.DELETES, "deleted");
    meters.counter(OriginMeters.DELETES, "absent");
  }

  /** Adds the routes. */
  public void add(Routes routes) {
    routes
        .files("/vod/**", this::get)
        .put("/vod/**", this::put)
        .delete("/vod/**", this::delete)
        .operatorGet("/api/files", this::list);
  }

  private interface Call {
    void run() throws IOException, InterruptedException;
  }

  private static void runAside(HttpExchange exchange, Call call) {
    Thread.ofVirtual()
        .name("files-" + exchange.requestId())
        .start(
            () -> {
              try {
                call.run();
              } catch (FileChanging e) {
                log.info(
                    "file not served path={} reason=\"is being written\" request={}",
                    exchange.path(),
                    exchange.requestId());
                exchange.problem(
                    Problem.of(
                            503,
                            "file-changing",
                            "File changing",
                            "This file is being written; it is served when that is done.")
                        .with("Retry-After", "2"));
              } catch (IOException | RuntimeException e) {
                answerFault(exchange, e);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  private static void answerFault(HttpExchange exchange, Exception e) {
    if (e instanceof RejectedExecutionException) {
      return; // the loops are shut down, and the connection with them
    }
    log.error("file call failed request={} path={}", exchange.requestId(), exchange.path(), e);
    exchange.problem(
        Problem.of(
            500,
            Refusal.DISK_ERROR.slug(),
            Refusal.DISK_ERROR.title(),
            "The origin could not read its disk; its log has more."));
  }

  private void get(HttpExchange exchange) {
    String rest = exchange.rest();
    if (FilePath.fault(rest) != null) {
      notThere(exchange);
      return;
    }
    FilePath path = new FilePath(rest);
    SeekQuery seek = seek(exchange);
    runAside(
        exchange,
        () -> {
          OpenFile file = store.open(path);
          if (file == null) {
            notThere(exchange);
            return;
          }
          if (seek != null && sendCut(exchange, file, path, seek)) {
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
          Problem.of(400, "bad-seek", "Request refused", sentence(String.valueOf(e.getMessage()))));
    }
  }

  /** Sends an FLV file from a keyframe on; false when it has none, then nothing is sent. */
  private boolean sendCut(HttpExchange exchange, OpenFile file, FilePath path, SeekQuery seek)
      throws IOException {
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
            MediaTypes.of(path.value()),
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
      headers.put("Repr-Digest", reprDigest(hash));
    }
    headers.put("Access-Control-Allow-Origin", "*");
    headers.put(
        "Access-Control-Expose-Headers",
        "Accept-Ranges, Content-Length, Content-Range, ETag, Repr-Digest");
    return headers;
  }

  /** Hexadecimal to what RFC 9530 wants. */
  private static String reprDigest(String hash) {
    return "sha-256=:" + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hash)) + ":";
  }

  /**
   * Late for who tries many names. An edge is told at once: it asks for its viewers, whom it slows
   * itself, and would take an origin that answers late for one that hangs.
   */
  private void notThere(HttpExchange exchange) {
    if (exchange.headers().contains("CDN-Loop")) {
      exchange.problem(absent(exchange));
    } else {
      absent.absent(exchange, exchange.path(), absent(exchange));
    }
  }

  private static Problem absent(HttpExchange exchange) {
    return Problem.notFound("There is no file " + exchange.path() + ".");
  }

  private void put(HttpExchange exchange) {
    if (!adminToken.check(exchange)) {
      return;
    }
    FilePath path = path(exchange);
    refuse(
        exchange.header("Content-Range") != null,
        400,
        "content-range",
        "A PUT stores a whole file; it cannot have a Content-Range.");
    String coding = exchange.header("Content-Encoding");
    refuse(
        coding != null && !coding.equalsIgnoreCase("identity"),
        415,
        "content-encoding",
        "Send the file without Content-Encoding.");
    ContentDigests digests = digests(exchange);
    WriteCondition condition = condition(exchange);
    String length = exchange.header("Content-Length");
    long expectedBytes = length == null ? -1 : Long.parseLong(length);
    UploadBody body = new UploadBody(exchange);
    runAside(
        exchange,
        () -> {
          try {
            answer(exchange, store.put(path, condition, body, expectedBytes, digests));
          } finally {
            body.discard();
          }
        });
  }

  private void answer(HttpExchange exchange, PutResult result) {
    switch (result) {
      case PutResult.Stored stored -> {
        StoredFile file = stored.file();
        meters.counter(OriginMeters.UPLOADS, stored.created() ? "created" : "replaced").increment();
        meters.counter(OriginMeters.UPLOADED).increment((double) file.size());
        log.info(
            "file stored path={} bytes={} etag={} request={}",
            file.path(),
            file.size(),
            file.etag(),
            exchange.requestId());
        byte[] json = JSON.writeValueAsBytes(describe(file));
        exchange.respond(
            stored.created() ? HttpResponseStatus.CREATED : HttpResponseStatus.OK,
            headers -> {
              headers.set("Content-Type", "application/json");
              headers.set("Location", exchange.rawPath());
              String etag = file.etag();
              if (etag != null) {
                headers.set("ETag", etag);
                headers.set("Repr-Digest", reprDigest(etag.substring(1, etag.length() - 1)));
              }
            },
            json);
      }
      case PutResult.Refused refused -> {
        meters.counter(OriginMeters.UPLOADS, refused.reason().slug()).increment();
        answerRefusal(exchange, refused.reason(), refused.detail());
      }
    }
  }

  private void delete(HttpExchange exchange) {
    if (!adminToken.check(exchange)) {
      return;
    }
    FilePath path = path(exchange);
    WriteCondition condition = condition(exchange);
    runAside(
        exchange,
        () -> {
          switch (store.delete(path, condition)) {
            case DeleteResult.Deleted d -> {
              countDelete("deleted");
              log.info("file deleted path={} request={}", path, exchange.requestId());
              exchange.respond(HttpResponseStatus.NO_CONTENT, headers -> {}, new byte[0]);
            }
            case DeleteResult.Absent a -> {
              countDelete("absent");
              exchange.problem(absent(exchange));
            }
            case DeleteResult.Refused refused -> {
              countDelete(refused.reason().slug());
              answerRefusal(exchange, refused.reason(), refused.detail());
            }
          }
        });
  }

  private void countDelete(String result) {
    meters.counter(OriginMeters.DELETES, result).increment();
  }

  private static void answerRefusal(HttpExchange exchange, Refusal reason, String detail) {
    log.info(
        "file refused path={} reason={} detail=\"{}\" request={}",
        exchange.path(),
        reason.slug(),
        detail,
        exchange.requestId());
    exchange.problem(Problem.of(reason.status(), reason.slug(), reason.title(), sentence(detail)));
  }

  private static String sentence(String detail) {
    return Character.toUpperCase(detail.charAt(0)) + detail.substring(1) + ".";
  }

  private void list(HttpExchange exchange) {
    if (!adminToken.check(exchange)) {
      return;
    }
    String prefix = orEmpty(exchange.query("prefix"));
    String after = orEmpty(exchange.query("after"));
    int limit = limit(exchange.query("limit"));
    runAside(
        exchange,
        () -> {
          // One more than asked for tells whether there is a next page.
          List<StoredFile> found = store.list(prefix, after, limit + 1);
          List<StoredFile> page = found.subList(0, Math.min(limit, found.size()));
          Map<String, @Nullable Object> answer = new LinkedHashMap<>();
          answer.put("files", page.stream().map(FilesApi::describe).toList());
          answer.put("next", found.size() > limit ? page.getLast().path().value() : null);
          exchange.json(200, answer);
        });
  }

  private static Map<String, @Nullable Object> describe(StoredFile file) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("path", file.path().value());
    fields.put("size", file.size());
    fields.put("etag", file.etag());
    fields.put("modified", file.modified().toString());
    return fields;
  }

  private static String orEmpty(@Nullable String value) {
    return value == null ? "" : value;
  }

  private static int limit(@Nullable String text) {
    if (text == null) {
      return DEFAULT_PAGE;
    }
    boolean number = text.matches("[0-9]{1,6}");
    int limit = number ? Integer.parseInt(text) : 0;
    refuse(
        limit < 1 || limit > MAX_PAGE,
        400,
        "bad-limit",
        "limit: " + text + " (expected: 1.." + MAX_PAGE + ").");
    return limit;
  }

  private static WriteCondition condition(HttpExchange exchange) {
    return WriteCondition.parse(all(exchange, "If-Match"), all(exchange, "If-None-Match"));
  }

  /** A list header may be sent in several lines. */
  private static @Nullable String all(HttpExchange exchange, String name) {
    List<String> lines = exchange.headers().getAll(name);
    return lines.isEmpty() ? null : String.join(", ", lines);
  }

  private static ContentDigests digests(HttpExchange exchange) {
    try {
      return ContentDigests.parse(all(exchange, "Content-Digest"), all(exchange, "Repr-Digest"));
    } catch (IllegalArgumentException e) {
      throw new ProblemException(
          Problem.of(
              400,
              "bad-digest",
              "The digest is malformed",
              sentence(String.valueOf(e.getMessage()))));
    }
  }

  private static FilePath path(HttpExchange exchange) {
    String fault = FilePath.fault(exchange.rest());
    refuse(fault != null, 400, "bad-path", sentence(fault == null ? "path" : fault));
    return new FilePath(exchange.rest());
  }

  private static void refuse(boolean when, int status, String type, String detail) {
    if (when) {
      throw new ProblemException(Problem.of(status, type, "Request refused", detail));
    }
  }
}
