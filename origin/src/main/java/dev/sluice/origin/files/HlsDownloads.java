package dev.sluice.origin.files;

import dev.sluice.chassis.http.FileResponder;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.ReadableFile;
import dev.sluice.media.vod.VodListQuery;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;

/**
 * Stored FLV and MP4 files over HLS, made when asked for: see {@link HlsName}. The same file gives
 * the same bytes whenever and wherever they are made, so caches may keep them.
 *
 * <p>Threading: virtual threads, as it reads files.
 */
final class HlsDownloads {
  /** Files that are played, those before the others. */
  private static final List<String> FILE_ENDS = List.of(".flv", ".mp4");

  private static final String FOR_EVER = "public, max-age=31536000, immutable";
  private static final int VERSION_CHARACTERS = 16;
  private static final int MOST_PLANS = 32;
  private static final int MEBIBYTE = 1 << 20;

  /** What segments under way may have read, in MiB. */
  private static final int MOST_UNDER_WAY = 128;

  private final FileStore store;
  private final FilePlans<HlsPlan.Made> plans;
  private final Map<String, String> headers;
  private final FileResponder responder = new FileResponder();
  private final Semaphore underWay = new Semaphore(MOST_UNDER_WAY, true);

  /**
   * Nothing is made yet.
   *
   * @param headers of every answer, {@code Cache-Control} of playlists among them
   */
  HlsDownloads(FileStore store, Map<String, String> headers) {
    this.store = store;
    this.plans = new FilePlans<>(store, MOST_PLANS, HlsPlan::of);
    this.headers = Map.copyOf(headers);
  }

  static Problem beingRead(String why) {
    return Problem.of(503, "file-being-read", "File being read", why).with("Retry-After", "10");
  }

  /** Whether an address has this version of a file, under its tag or the one it had before. */
  static boolean names(String version, OpenFile file) {
    return version.equals(version(file.etag())) || version.equals(version(file.otherTag()));
  }

  /** Names the version of a file in addresses: its tag, shortened. */
  static String version(String etag) {
    String tag = etag.replaceAll("[^0-9A-Za-z]", "");
    return tag.substring(0, Math.min(VERSION_CHARACTERS, tag.length()));
  }

  /** Answers, when the path is one of its names and there is such a file; else does nothing. */
  boolean answer(HttpExchange exchange, FilePath path) throws IOException, InterruptedException {
    HlsName name = HlsName.of(path);
    if (name == null) {
      return false;
    }
    for (String end : FILE_ENDS) {
      FilePath meant = new FilePath(name.stem() + end);
      if (answer(exchange, name, meant)) {
        return true;
      }
    }
    return false;
  }

  private boolean answer(HttpExchange exchange, HlsName name, FilePath meant)
      throws IOException, InterruptedException {
    try (OpenFile file = store.open(meant)) {
      if (file == null) {
        return false;
      }
      boolean list = name.segment() == HlsName.PLAYLIST;
      String version = list ? version(file.etag()) : name.version();
      if (!names(version, file)) {
        return false; // of a file that is no more
      }
      HlsPlan.Made made = plans.of(file, version);
      HlsPlan plan = made.plan();
      if (plan == null) {
        exchange.problem(Problem.of(404, "not-for-hls", "Not for HLS", made.refusal()));
        return true;
      }
      String why = name.query().ts() ? plan.tsRefusal() : null;
      if (why != null) {
        exchange.problem(Problem.of(406, "not-in-this-container", "Not in this container", why));
        return true;
      }
      String fault = VodPlaylist.fault(plan.segments(), name.query());
      if (fault != null) {
        exchange.problem(Problem.badRequest("bad-clip", FileCalls.sentence(fault)));
        return true;
      }
      return name.segment() < plan.size() && send(exchange, name, plan, file, version);
    } catch (TimeoutException e) {
      exchange.problem(
          beingRead("This file has no index; it is read once to find where it can be cut."));
      return true;
    }
  }

  private boolean send(
      HttpExchange exchange, HlsName name, HlsPlan plan, OpenFile file, String version)
      throws IOException, InterruptedException {
    byte[] made =
        switch (name.segment()) {
          case HlsName.PLAYLIST ->
              VodPlaylist.text(plan.segments(), name.query(), name.folder(version))
                  .getBytes(StandardCharsets.UTF_8);
          case HlsName.INIT -> plan.init();
          default -> segment(plan, file, name);
        };
    boolean list = name.segment() == HlsName.PLAYLIST;
    Map<String, String> all = new HashMap<>(headers);
    if (!list) {
      all.put("Cache-Control", FOR_EVER);
    }
    FileResponder.Content content =
        new FileResponder.Content(
            made.length,
            etag(name, version),
            file.modified(),
            list ? "application/vnd.apple.mpegurl" : name.query().ts() ? "video/mp2t" : "video/mp4",
            all);
    try {
      exchange.loop().execute(() -> responder.respond(exchange, content, new Made(made)));
    } catch (RejectedExecutionException e) {
      return true; // the loops are shut down, and the connection with them
    }
    return true;
  }

  /** Of a list it tells the form too, as lists of different forms have different names. */
  private static String etag(HlsName name, String version) {
    String form = name.segment() == HlsName.PLAYLIST ? "" : String.valueOf(name.segment());
    VodListQuery query = name.query();
    String cut = query.clip() ? "-" + query.fromMs() + "-" + query.toMs() : "";
    return "\"" + version + "-hls" + form + (query.ts() ? "ts" : "") + cut + "\"";
  }

  private byte[] segment(HlsPlan plan, OpenFile file, HlsName name)
      throws IOException, InterruptedException {
    int number = name.segment();
    int permits = (int) Math.min(MOST_UNDER_WAY, 1 + plan.bytesOf(number) / MEBIBYTE);
    underWay.acquire(permits);
    try {
      return plan.segment(file.content(), number, name.query().ts());
    } finally {
      underWay.release(permits);
    }
  }

  /** Made bytes as a file, so that conditions and ranges hold for them too. */
  private static final class Made implements ReadableFile {
    private final byte[] bytes;

    Made(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public int read(ByteBuffer into, long position) {
      if (position >= bytes.length) {
        return -1;
      }
      int some = (int) Math.min(into.remaining(), bytes.length - position);
      into.put(bytes, (int) position, some);
      return some;
    }

    @Override
    public void close() {}
  }
}
