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
  private static final String MP4 = ".mp4";

  /** Files that are played, those before the others. */
  private static final List<String> FILE_ENDS = List.of(".flv", MP4);

  private static final String FOR_EVER = "public, max-age=31536000, immutable";
  private static final int VERSION_CHARACTERS = 16;
  private static final int MOST_PLANS = 32;
  private static final int MEBIBYTE = 1 << 20;
  private static final String PLAN = "";

  /** What segments that are being made may have read, in MiB; each is there in three forms. */
  private static final int MOST_UNDER_WAY = 64;

  private static final int MOST_SEGMENTS = 1000;

  /**
   * Segments that were made, kept so long as memory lasts; who takes one slowly has it made anew.
   */
  private static final long SEGMENT_BYTES = 64L << 20;

  /** Memory of all plans. */
  private static final long PLAN_BYTES = 48L << 20;

  /** FLV files without an index that are read at a time. */
  private static final int MOST_SCANS = 2;

  private final FileStore store;
  private final FilePlans<HlsPlan.Made> plans;
  private final FilePlans<byte[]> segments;
  private final Map<String, String> headers;
  private final FileResponder responder = new FileResponder();
  private final Semaphore underWay = new Semaphore(MOST_UNDER_WAY, true);
  private final Semaphore films = new Semaphore(1, true);
  private final Semaphore scans = new Semaphore(MOST_SCANS, true);

  /**
   * Nothing is made yet.
   *
   * @param headers of every answer, {@code Cache-Control} of playlists among them
   */
  HlsDownloads(FileStore store, Map<String, String> headers) {
    this.store = store;
    this.plans =
        new FilePlans<>(store, MOST_PLANS, PLAN_BYTES, this::plan, HlsPlan.Made::heldBytes);
    this.segments =
        new FilePlans<>(store, MOST_SEGMENTS, SEGMENT_BYTES, this::segment, bytes -> bytes.length);
    this.headers = Map.copyOf(headers);
  }

  /** One MP4 file at a time, as its tables and what is read of them are the largest things here. */
  private HlsPlan.Made plan(FilePlans.Key key, OpenFile file)
      throws IOException, InterruptedException {
    Semaphore turn = file.path().value().endsWith(MP4) ? films : scans;
    turn.acquire();
    try {
      return HlsPlan.of(file);
    } finally {
      turn.release();
    }
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
      HlsPlan.Made made = plans.of(new FilePlans.Key(meant, version, PLAN));
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
          beingRead("This file is read once to find where it can be cut, or waits for others."));
      return true;
    }
  }

  private boolean send(
      HttpExchange exchange, HlsName name, HlsPlan plan, OpenFile file, String version)
      throws IOException, InterruptedException, TimeoutException {
    FilePlans.Key segment = new FilePlans.Key(file.path(), version, form(name));
    boolean list = name.segment() == HlsName.PLAYLIST;
    byte[] made =
        list
            ? VodPlaylist.text(plan.segments(), name.query(), name.folder(version))
                .getBytes(StandardCharsets.UTF_8)
            : name.config() >= 0 ? plan.init(name.config()) : segments.of(segment);
    if (made == null) {
      return false; // no such configuration
    }
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
    ReadableFile open = name.segment() < 0 ? new Made(made) : new MadeSegment(segment);
    try {
      exchange.loop().execute(() -> responder.respond(exchange, content, open));
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

  private static String form(HlsName name) {
    return HlsName.segment(name.segment(), name.query().ts());
  }

  private byte[] segment(FilePlans.Key key, OpenFile file)
      throws IOException, InterruptedException {
    HlsPlan plan;
    try {
      plan = plans.of(new FilePlans.Key(key.file(), key.version(), PLAN)).plan();
    } catch (TimeoutException e) {
      throw new IOException("its plan is no more", e);
    }
    boolean ts = HlsName.ts(key.form());
    int number = HlsName.number(key.form(), ts);
    if (plan == null) {
      throw new IOException("its plan is no more");
    }
    int permits = (int) Math.min(MOST_UNDER_WAY, 1 + plan.bytesOf(number) / MEBIBYTE);
    underWay.acquire(permits);
    try {
      return plan.segment(file.content(), number, ts);
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
      return copy(bytes, into, position);
    }

    @Override
    public void close() {}
  }

  /** The same of a segment, which is not kept for who is slow to take it. */
  private final class MadeSegment implements ReadableFile {
    private final FilePlans.Key key;

    MadeSegment(FilePlans.Key key) {
      this.key = key;
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      try {
        return copy(segments.of(key), into, position);
      } catch (TimeoutException e) {
        throw new IOException("segment not made in time", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }

    @Override
    public void close() {}
  }

  private static int copy(byte[] bytes, ByteBuffer into, long position) {
    if (position >= bytes.length) {
      return -1;
    }
    int some = (int) Math.min(into.remaining(), bytes.length - position);
    into.put(bytes, (int) position, some);
    return some;
  }
}
