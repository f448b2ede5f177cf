package dev.sluice.origin.dvr;

import dev.sluice.chassis.auth.StreamPattern;
import dev.sluice.chassis.http.FileResponder;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.ReadableFile;
import dev.sluice.chassis.lifecycle.Service;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.hls.HlsPath;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.live.HlsArchive;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.media.ts.TsSegment;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The segments of live streams on disk. What is handed over waits in a queue of bounded bytes for
 * the writer, a virtual thread; what does not fit, or cannot be written, is left out, and the
 * stream goes on. A fault of the disk makes the writer leave it alone for a while ({@link
 * DiskPause}).
 *
 * <p>Threading: any thread. The map and its lists are concurrent: runs are begun on streams' loops,
 * added at the start and removed by the writer.
 */
public final class DvrStore implements HlsArchive, Service {
  private static final String APP = "live";
  private static final String FOR_EVER = "public, max-age=31536000, immutable";

  private final DvrConfig config;
  private final List<StreamPattern> names;
  private final DvrDisk disk;
  private final DvrWriter writer;
  private final FileResponder responder = new FileResponder();
  private final ConcurrentHashMap<StreamKey, CopyOnWriteArrayList<DvrRun>> runs =
      new ConcurrentHashMap<>();

  /**
   * Opens a directory, and finds what is there.
   *
   * @param directory made if it is not there
   */
  public static DvrStore open(DvrConfig config, Path directory, Meters meters, InstantSource clock)
      throws IOException {
    return new DvrStore(config, new LocalDvrDisk(directory), meters, clock, System::nanoTime);
  }

  DvrStore(
      DvrConfig config, DvrDisk disk, Meters meters, InstantSource clock, LongSupplier nanoClock)
      throws IOException {
    this.config = config;
    this.names = config.names().stream().map(StreamPattern::of).toList();
    this.disk = disk;
    this.writer = new DvrWriter(config, disk, runs, meters, clock, nanoClock);
    for (DvrRun run : new DvrScan(writer, disk, clock).runs()) {
      runs.computeIfAbsent(run.key(), key -> new CopyOnWriteArrayList<>()).add(run);
      writer.found(run);
    }
  }

  @Override
  public void start() {
    writer.start();
  }

  /** Writes what waits, for a while, and stops. */
  @Override
  public void close() {
    writer.close();
  }

  // ---- what streams hand over

  @Override
  public long windowMs(StreamKey key) {
    boolean ours =
        key.app().equals(APP) && names.stream().anyMatch(name -> name.fits(key.toString()));
    return ours ? config.window().toMillis() : 0;
  }

  @Override
  public Run begin(StreamKey key, long incarnation) {
    DvrRun run = new DvrRun(writer, key, incarnation);
    runs.compute(
        key,
        (k, there) -> {
          CopyOnWriteArrayList<DvrRun> all = there == null ? new CopyOnWriteArrayList<>() : there;
          all.add(run);
          return all;
        });
    return run;
  }

  // ---- what viewers ask for

  private @Nullable DvrRun run(StreamKey key, long incarnation) {
    List<DvrRun> all = runs.get(key);
    if (all == null) {
      return null;
    }
    DvrRun found = null;
    for (DvrRun run : all) {
      boolean meant = incarnation == 0 ? run.isOver() : run.incarnation() == incarnation;
      found = meant ? run : found;
    }
    return found;
  }

  @Override
  public @Nullable Ended ended(StreamKey key, long incarnation) {
    DvrRun run = run(key, incarnation);
    MediaPlaylist playlist = run == null ? null : run.playlist();
    Facts facts = run == null ? null : run.facts();
    return playlist == null || facts == null ? null : new Ended(playlist, facts.variant());
  }

  @Override
  public boolean answer(HttpExchange exchange, StreamKey key, HlsPath path) {
    DvrRun run = run(key, path.incarnation());
    String file =
        run == null
            ? null
            : switch (path) {
              case HlsPath.Segment(long inc, long msn) -> {
                DvrSegment saved = run.saved(msn);
                yield saved == null ? null : DvrNames.segment(saved);
              }
              case HlsPath.Init(long inc, long of) -> run.hasInit(of) ? DvrNames.init(of) : null;
              case HlsPath.Ts(long inc, long msn) -> {
                DvrSegment saved = run.saved(msn);
                yield saved == null ? null : DvrNames.segment(saved);
              }
              case HlsPath.Part _ -> null;
            };
    if (run == null || file == null) {
      return false;
    }
    String name = run.directory() + file;
    String init = path instanceof HlsPath.Ts ? initOf(run, file) : "";
    Thread.ofVirtual().name("dvr-open").start(() -> send(exchange, path, name, init));
    return true;
  }

  private static String initOf(DvrRun run, String file) {
    DvrSegment saved = DvrNames.segment(file);
    return saved == null ? "" : run.directory() + DvrNames.init(saved.segment().config());
  }

  /**
   * Opens what an address names; null when it cannot be in that container.
   *
   * @param init what is needed to put it into MPEG-TS; empty = it is sent as it is
   */
  private @Nullable ReadableFile content(String name, String init) throws IOException {
    if (init.isEmpty()) {
      return disk.open(name);
    }
    ByteBuf ts =
        TsSegment.of(
            Unpooled.wrappedBuffer(disk.read(init)), Unpooled.wrappedBuffer(disk.read(name)));
    if (ts == null) {
      return null;
    }
    try {
      return new MadeFile(ByteBufUtil.getBytes(ts));
    } finally {
      ts.release();
    }
  }

  private void send(HttpExchange exchange, HlsPath path, String name, String init) {
    try {
      ReadableFile file = content(name, init);
      if (file == null) {
        throw new NoSuchFileException(name);
      }
      FileResponder.Content content =
          new FileResponder.Content(
              file instanceof MadeFile made ? made.size() : disk.size(name),
              "\"" + path.name().replace('/', '-') + "\"",
              null,
              init.isEmpty() ? "video/mp4" : "video/mp2t",
              Map.of("Cache-Control", FOR_EVER, "Timing-Allow-Origin", "*"));
      try {
        exchange.loop().execute(() -> responder.respond(exchange, content, file));
      } catch (RejectedExecutionException e) {
        file.close(); // the loops are shut down, and the connection with them
      }
    } catch (IOException e) {
      exchange.problem(
          Problem.notFound("This segment is not there any more.")
              .with("Cache-Control", "max-age=1"));
    }
  }

  // ---- what operators ask for

  /** How it stands now. */
  public DvrState state() {
    return writer.state(config.window());
  }

  /** Bytes of segments that wait for the disk. */
  long queuedBytes() {
    return writer.queuedBytes();
  }

  /** Removes what is too old or too much, as is done each second. */
  void sweep(Runnable done) {
    writer.later(
        () -> {
          writer.sweep();
          done.run();
        });
  }
}
