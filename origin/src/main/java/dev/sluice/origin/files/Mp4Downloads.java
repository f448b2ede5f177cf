package dev.sluice.origin.files;

import dev.sluice.chassis.http.FileResponder;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.ReadableFile;
import dev.sluice.chassis.http.VersionCheck;
import dev.sluice.media.fmp4.FrameTable;
import dev.sluice.media.vod.FlvFrames;
import dev.sluice.media.vod.FlvOpening;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A stored FLV file as an MP4 file, under its name with {@code .mp4} at the end: the {@code moov}
 * in front, the frames behind it in the order of the FLV file, from which they are taken as they
 * are sent. The same file gives the same bytes always, so ranges and caches hold for it; a stored
 * file of that name goes before.
 *
 * <p>All of the FLV file is read once, to find its frames; what is found is kept.
 *
 * <p>Threading: virtual threads, as it reads files.
 */
final class Mp4Downloads {
  private static final String MP4 = ".mp4";
  private static final String NOT_CARRIED =
      "The FLV file of that name is damaged, or MP4 cannot carry its codecs.";
  private static final String CHANGES =
      "The FLV file of that name changes its picture size or codecs on the way, which one MP4 file"
          + " cannot show; over HLS all of it plays.";
  private static final String TOO_MANY =
      "The FLV file of that name has more frames than an MP4 file is made of ("
          + FrameTable.MAX_FRAMES
          + ").";

  private static final int MOST_PLANS = 8;

  /** Memory of all plans: 45 bytes a frame, about 20 MB for two hours. */
  private static final long PLAN_BYTES = 64L << 20;

  private final FileStore store;
  private final FilePlans<Plan> plans;
  private final Semaphore turn = new Semaphore(1, true);
  private final Map<String, String> headers;
  private final FileResponder responder = new FileResponder();

  /**
   * The MP4 file of an FLV file.
   *
   * @param head what is before the frames; null when no track can be in MP4
   */
  @SuppressWarnings("ArrayRecordComponent")
  private record Plan(byte @Nullable [] head, FrameTable frames, String refusal) {
    long heldBytes() {
      return frames.heldBytes() + (head == null ? 0 : head.length);
    }
  }

  /**
   * Nothing is made yet.
   *
   * @param headers of every answer
   */
  Mp4Downloads(FileStore store, Map<String, String> headers) {
    this.store = store;
    this.plans = new FilePlans<>(store, MOST_PLANS, PLAN_BYTES, this::plan, Plan::heldBytes);
    this.headers = Map.copyOf(headers);
  }

  /** One file at a time, as lists of frames are large. */
  private Plan plan(FilePlans.Key key, OpenFile file) throws IOException, InterruptedException {
    turn.acquire();
    try {
      FlvOpening opening = new FlvOpening(file.size());
      FileReads.run(file.content(), opening);
      FlvFrames frames = new FlvFrames(opening);
      FileReads.run(file.content(), frames);
      String refusal = frames.tooMany() ? TOO_MANY : frames.changesConfig() ? CHANGES : NOT_CARRIED;
      byte[] head = refusal.equals(NOT_CARRIED) ? frames.head() : null;
      return head == null
          ? new Plan(null, new FrameTable(), refusal)
          : new Plan(head, frames.frames(), "");
    } finally {
      turn.release();
    }
  }

  /** Answers, when the path is that of an FLV file but for its end; else does nothing. */
  boolean answer(HttpExchange exchange, FilePath path) throws IOException, InterruptedException {
    String name = path.value();
    if (!name.endsWith(MP4)) {
      return false;
    }
    OpenFile file =
        store.open(new FilePath(name.substring(0, name.length() - MP4.length()) + ".flv"));
    if (file == null) {
      return false;
    }
    boolean sent = false;
    try {
      String version = HlsDownloads.version(file.etag());
      Plan plan = plans.of(new FilePlans.Key(file.path(), version, ""));
      byte[] head = plan.head();
      if (head == null) {
        exchange.problem(Problem.of(404, "not-for-mp4", "Not for MP4", plan.refusal()));
        return true;
      }
      FileResponder.Content content =
          new FileResponder.Content(
              head.length + plan.frames().bytes(),
              "\"" + version + "-mp4\"",
              file.modified(),
              "video/mp4",
              headers);
      ReadableFile made = new Remuxed(file, head, plan.frames());
      exchange.loop().execute(() -> responder.respond(exchange, content, made));
      sent = true;
    } catch (TimeoutException e) {
      exchange.problem(
          HlsDownloads.beingRead("This file is read once to find its frames; come again."));
    } catch (RejectedExecutionException e) {
      return true; // the loops are shut down, and the connection with them
    } finally {
      if (!sent) {
        file.close();
      }
    }
    return true;
  }

  /** The made head and the frames, read out of the FLV file a stretch at a time. */
  private static final class Remuxed implements ReadableFile {
    private static final int STRETCH_BYTES = 256 << 10;

    private final OpenFile file;
    private final byte[] head;
    private final FrameTable frames;

    /** Takes ownership of the file. */
    Remuxed(OpenFile file, byte[] head, FrameTable frames) {
      this.file = file;
      this.head = head;
      this.frames = frames;
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      if (position < head.length) {
        int some = (int) Math.min(into.remaining(), head.length - position);
        into.put(head, (int) position, some);
        return some;
      }
      long offset = position - head.length;
      if (offset >= frames.bytes()) {
        return -1;
      }
      int frame = frames.at(offset);
      long skipped = offset - frames.begin(frame);
      long from = frames.position(frame) + skipped;
      int room = Math.min(STRETCH_BYTES, Math.max(1, into.remaining()));
      long size = Math.min(room, file.size() - from);
      byte[] stretch = FileReads.read(file.content(), from, (int) size);
      int copied = 0;
      for (long at = from; into.hasRemaining() && frame < frames.count(); frame++) {
        at = Math.max(at, frames.position(frame));
        long end = frames.position(frame) + frames.begin(frame + 1) - frames.begin(frame);
        int index = (int) Math.min(at - from, stretch.length);
        int some = (int) Math.min(Math.min(end - at, into.remaining()), stretch.length - index);
        into.put(stretch, index, some);
        copied += some;
        if (at + some < end) {
          break; // the stretch ends in this frame
        }
        at = end;
      }
      return copied;
    }

    @Override
    public VersionCheck version() {
      return file.content().version();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
