package dev.sluice.origin.files;

import dev.sluice.chassis.auth.AdminToken;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.metrics.Meters;

/**
 * The HTTP calls on stored files:
 *
 * <pre>
 * GET, HEAD  /vod/PATH         ranges, If-None-Match, If-Modified-Since, If-Range; for everyone;
 *                              ?t=SECONDS and ?start=BYTES of an FLV file;
 *                              PATH.m3u8 plays PATH.flv or PATH.mp4 over HLS, with ?container=ts in
 *                              MPEG-TS, with ?from=SECONDS&amp;to=SECONDS a clip
 *                              PATH.mp4 is PATH.flv as an MP4 file
 * PUT        /vod/PATH         If-Match, If-None-Match, Content-Digest, Repr-Digest; admin token
 * DELETE     /vod/PATH         If-Match; admin token
 * GET        /api/files        ?prefix=&amp;after=&amp;limit=, sorted by path; admin token
 * </pre>
 *
 * <p>Threading: handlers run on the exchange's loop and hand each call to a virtual thread, as the
 * store blocks.
 */
public final class FilesApi {
  private final FileDownloads downloads;
  private final FileUploads uploads;
  private final FileDeletions deletions;
  private final FileListing listing;

  /** Calls on a store; the caller closes it after the HTTP server. */
  public FilesApi(FileStore store, String cacheControl, AdminToken adminToken, Meters meters) {
    this.downloads = new FileDownloads(store, cacheControl);
    this.uploads = new FileUploads(store, adminToken, meters);
    this.deletions = new FileDeletions(store, adminToken, meters);
    this.listing = new FileListing(store, adminToken);
  }

  /** Adds the routes. */
  public void add(Routes routes) {
    routes
        .files("/vod/**", downloads::get)
        .put("/vod/**", uploads::put)
        .delete("/vod/**", deletions::delete)
        .operatorGet("/api/files", listing::list);
  }
}
