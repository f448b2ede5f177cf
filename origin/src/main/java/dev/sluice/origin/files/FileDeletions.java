package dev.sluice.origin.files;

import dev.sluice.chassis.auth.AdminToken;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.origin.metrics.OriginMeters;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DELETE of a file.
 *
 * <p>Threading: on the exchange's loop, as {@link FilesApi}.
 */
final class FileDeletions {
  private static final Logger log = LoggerFactory.getLogger(FileDeletions.class);

  private final FileStore store;
  private final AdminToken adminToken;
  private final Meters meters;

  /** Has deleted nothing yet; its counters are there. */
  FileDeletions(FileStore store, AdminToken adminToken, Meters meters) {
    this.store = store;
    this.adminToken = adminToken;
    this.meters = meters;
    for (Refusal reason : Refusal.values()) {
      meters.counter(OriginMeters.DELETES, reason.slug());
    }
    meters.counter(OriginMeters.DELETES, "deleted");
    meters.counter(OriginMeters.DELETES, "absent");
  }

  void delete(HttpExchange exchange) {
    if (!adminToken.check(exchange)) {
      return;
    }
    FilePath path = FileCalls.path(exchange);
    WriteCondition condition = FileCalls.condition(exchange);
    FileCalls.runAside(
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
              exchange.problem(FileCalls.absent(exchange));
            }
            case DeleteResult.Refused refused -> {
              countDelete(refused.reason().slug());
              FileCalls.answerRefusal(exchange, refused.reason(), refused.detail());
            }
          }
        });
  }

  private void countDelete(String result) {
    meters.counter(OriginMeters.DELETES, result).increment();
  }
}
