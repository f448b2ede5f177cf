package dev.sluice.origin.files;

import dev.sluice.chassis.auth.AdminToken;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.ProblemException;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.origin.metrics.OriginMeters;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * PUT of a file.
 *
 * <p>Threading: on the exchange's loop, as {@link FilesApi}.
 */
final class FileUploads {
  private static final Logger log = LoggerFactory.getLogger(FileUploads.class);
  private static final JsonMapper JSON = JsonMapper.shared();

  private final FileStore store;
  private final AdminToken adminToken;
  private final Meters meters;

  /** Has taken nothing yet; its counters are there. */
  FileUploads(FileStore store, AdminToken adminToken, Meters meters) {
    this.store = store;
    this.adminToken = adminToken;
    this.meters = meters;
    for (Refusal reason : Refusal.values()) {
      meters.counter(OriginMeters.UPLOADS, reason.slug());
    }
    meters.counter(OriginMeters.UPLOADS, "created");
    meters.counter(OriginMeters.UPLOADS, "replaced");
    meters.counter(OriginMeters.UPLOADED);
  }

  void put(HttpExchange exchange) {
    if (!adminToken.check(exchange)) {
      return;
    }
    FilePath path = FileCalls.path(exchange);
    FileCalls.refuse(
        exchange.header("Content-Range") != null,
        400,
        "content-range",
        "A PUT stores a whole file; it cannot have a Content-Range.");
    String coding = exchange.header("Content-Encoding");
    FileCalls.refuse(
        coding != null && !coding.equalsIgnoreCase("identity"),
        415,
        "content-encoding",
        "Send the file without Content-Encoding.");
    ContentDigests digests = digests(exchange);
    WriteCondition condition = FileCalls.condition(exchange);
    String length = exchange.header("Content-Length");
    long expectedBytes = length == null ? -1 : Long.parseLong(length);
    UploadBody body = new UploadBody(exchange);
    FileCalls.runAside(
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
        byte[] json = JSON.writeValueAsBytes(FileListing.describe(file));
        exchange.respond(
            stored.created() ? HttpResponseStatus.CREATED : HttpResponseStatus.OK,
            headers -> {
              headers.set("Content-Type", "application/json");
              headers.set("Location", exchange.rawPath());
              String etag = file.etag();
              if (etag != null) {
                headers.set("ETag", etag);
                headers.set(
                    "Repr-Digest", ContentDigests.reprDigest(etag.substring(1, etag.length() - 1)));
              }
            },
            json);
      }
      case PutResult.Refused refused -> {
        meters.counter(OriginMeters.UPLOADS, refused.reason().slug()).increment();
        FileCalls.answerRefusal(exchange, refused.reason(), refused.detail());
      }
    }
  }

  private static ContentDigests digests(HttpExchange exchange) {
    try {
      return ContentDigests.parse(
          FileCalls.all(exchange, "Content-Digest"), FileCalls.all(exchange, "Repr-Digest"));
    } catch (IllegalArgumentException e) {
      throw new ProblemException(
          Problem.of(
              400,
              "bad-digest",
              "The digest is malformed",
              FileCalls.sentence(String.valueOf(e.getMessage()))));
    }
  }
}
