package dev.sluice.edge.cache;

import dev.sluice.chassis.http.Problem;
import io.netty.handler.codec.http.HttpHeaders;

/** Heads and error answers of the cache. Pure. */
final class CacheAnswer {
  private CacheAnswer() {}

  /** How an answer came to be; the words of RFC 9211. */
  enum How {
    HIT("hit", "hit"),
    /** The file was not known. */
    MISS("fwd=uri-miss; stored", "miss"),
    /** The file was not known, and somebody else was asking already. */
    MISS_COLLAPSED("fwd=uri-miss; collapsed; stored", "miss"),
    /** The file was known, the slice was not there. */
    PARTIAL("fwd=partial; stored", "miss"),
    /** The origin confirmed it. */
    REVALIDATED("hit; detail=revalidated", "revalidated"),
    /** No origin answers; an older copy is better than nothing. */
    STALE("hit; detail=stale-if-error", "stale"),
    /** Asked for again behind the viewer's back, as the origin allows. */
    STALE_MEANWHILE("hit; detail=stale-while-revalidate", "stale"),
    PASS("fwd=bypass", "pass");

    private final String status;
    private final String result;

    How(String status, String result) {
      this.status = status;
      this.result = result;
    }

    /** The value of the meters' tag {@code result}. */
    String result() {
      return result;
    }
  }

  static String cacheStatus(String name, How how) {
    return "\"" + name + "\"; " + how.status;
  }

  static void describe(HttpHeaders headers, CachedObject object, String name, How how, long nowMs) {
    headers.set("Accept-Ranges", "bytes");
    if (object.etag() != null) {
      headers.set("ETag", object.etag());
    }
    if (object.lastModified() != null) {
      headers.set("Last-Modified", object.lastModified());
    }
    if (object.cacheControl() != null) {
      headers.set("Cache-Control", object.cacheControl());
    }
    if (object.expires() != null) {
      headers.set("Expires", object.expires());
    }
    long age = Math.max(0, (nowMs - object.fetchedAtMs()) / 1000);
    headers.set("Age", Long.toString(age));
    String status = cacheStatus(name, how);
    if (how == How.HIT
        || how == How.REVALIDATED
        || how == How.STALE
        || how == How.STALE_MEANWHILE) {
      status += "; ttl=" + (object.freshUntilMs() - nowMs) / 1000;
    }
    headers.set("Cache-Status", status);
  }

  static Problem problem(FillFailure why) {
    Problem problem =
        switch (why) {
          case TIMEOUT ->
              Problem.of(504, "origin-timeout", "Origin timeout", "No origin answered in time.");
          case UNREACHABLE ->
              Problem.of(
                  502, "origin-unreachable", "Origin unreachable", "No origin could answer this.");
          case CHANGED ->
              Problem.of(502, "origin-changing", "File changing", "The file changes too fast.");
          case CLOSED -> Problem.of(503, "stopping", "Stopping", "This server is being stopped.");
        };
    return problem.with("Retry-After", "2");
  }

  static Problem refused(int status, String path) {
    String what = path.startsWith("/live/") ? "stream or part of one at present." : "file.";
    return status == 404 || status == 410
        ? Problem.of(status, "not-found", "Not found", "There is no such " + what)
        : Problem.of(status, "origin-refused", "Refused", "The origin refused this request.");
  }
}
