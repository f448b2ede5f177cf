package dev.sluice.media.vod;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.rtmp.ChunkEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One viewer's play of one file: looks for it, reads its opening, and sends its tags at the pace of
 * {@link VodPace}, as far as the line takes them.
 *
 * <pre>
 * OPENING --found--> SEEKING --place--> PLAYING --last tag--> ENDED
 *    |                  ^------ seek() ----'-------------------'
 *    '--refused--> OVER <--- close(), fault, too long idle or stalled
 * </pre>
 *
 * <p>What one viewer holds: {@value #READ_BYTES} bytes of the file, one unfinished tag, and what
 * the connection has not sent yet, which stops the reading above its water mark.
 *
 * <p>Threading: confined to the connection's loop.
 */
public final class VodPlayback implements VodFile.Reader {
  private static final int READ_BYTES = 64 << 10;
  private static final int BATCH_BYTES = 64 << 10;

  private enum Stage {
    OPENING,
    SEEKING,
    PLAYING,
    ENDED,
    OVER
  }

  private final VodServing serving;
  private final EventLoop loop;
  private final VodViewer viewer;
  private final VodPace pace;
  private final VodTags tags;
  private final long startMs;
  private final long lengthMs;
  private final IdleWatch idle;
  private Stage stage = Stage.OPENING;
  private @Nullable VodFile file;
  private @Nullable FlvOpening opening;
  private boolean joined;
  private long position;
  private long stopMs = Long.MAX_VALUE;
  private boolean reading;
  private long soughtMs = -1;
  private long lookedMs;
  private boolean pumping;
  private boolean completed;
  private @Nullable Future<?> timer;
  private long sentBytes;

  /**
   * A play not yet begun.
   *
   * @param startMs media time to start from
   * @param lengthMs how much to play; below 0 = to the end
   */
  public VodPlayback(
      VodServing serving, EventLoop loop, VodViewer viewer, long startMs, long lengthMs) {
    this.serving = serving;
    this.loop = loop;
    this.viewer = viewer;
    this.startMs = startMs;
    this.lengthMs = lengthMs;
    VodConfig config = serving.config();
    this.pace = new VodPace(config.minBuffer().toMillis(), config.maxBuffer().toMillis());
    this.tags = new VodTags();
    this.idle = new IdleWatch(loop, reason -> end(reason, "Nothing moved for too long."));
  }

  /** Looks for the first of some names that there is; with none, there is no such file. */
  public void start(List<String> names) {
    if (names.isEmpty()) {
      end(VodEnd.NOT_FOUND, "There is no such file.");
      return;
    }
    String name = names.getFirst();
    serving.source().open(name, loop, opened -> opened(opened, names));
  }

  private void opened(VodSource.Opened opened, List<String> names) {
    switch (opened) {
      case VodSource.Found(VodFile found) -> {
        if (stage == Stage.OVER) {
          found.close();
          return;
        }
        file = found;
        FlvOpening look = new FlvOpening(found.length());
        ProbeRun.run(found, look, fault -> looked(look, fault));
      }
      case VodSource.Absent a -> {
        if (stage != Stage.OVER) {
          start(names.subList(1, names.size()));
        }
      }
      case VodSource.Unavailable(String why) -> end(VodEnd.UNAVAILABLE, why);
    }
  }

  private void looked(FlvOpening look, @Nullable String fault) {
    if (stage == Stage.OVER) {
      return;
    }
    if (fault != null) {
      end(VodEnd.UNAVAILABLE, fault);
    } else if (!look.flv()) {
      end(VodEnd.NOT_FLV, "Only FLV files can be played over RTMP; fetch this one over HTTP.");
    } else if (!look.playable()) {
      end(VodEnd.NOT_FLV, "The file has neither sound nor picture.");
    } else {
      opening = look;
      stage = Stage.SEEKING;
      if (startMs > 0) {
        look(startMs);
      } else {
        begin(null);
      }
    }
  }

  // ---- what the viewer does

  /** The line takes bytes again. */
  public void writable() {
    idle.moved();
    watchRest();
    pump();
  }

  /** The viewer pauses or goes on. */
  public void pause(boolean on) {
    long now = serving.now();
    if (on) {
      pace.pause(now);
      watchRest();
    } else {
      pace.resume(now);
      idle.moved();
      pump();
    }
  }

  /** The viewer wants to go on from another media time. */
  public void seek(long timeMs) {
    if (!joined || stage == Stage.OVER) {
      return;
    }
    soughtMs = Math.max(0, timeMs);
    serving.sought();
    if (stage != Stage.SEEKING && !reading) {
      look(soughtMs);
    } // else the read under way is waited for, and what it brings thrown away
  }

  /** The viewer told the length of its buffer. */
  public void buffer(long ms) {
    pace.buffer(ms);
    cancelTimer();
    pump();
  }

  /** The viewer switches sound on or off. */
  public void receiveAudio(boolean on) {
    tags.receiveAudio(on);
  }

  /** The viewer switches the picture on or off. */
  public void receiveVideo(boolean on) {
    tags.receiveVideo(on);
  }

  /** The viewer stopped or is gone. */
  public void close() {
    if (stage != Stage.OVER) {
      over(completed ? VodEnd.COMPLETED : VodEnd.STOPPED);
    }
  }

  /** Bytes of media handed to the connection. */
  public long sentBytes() {
    return sentBytes;
  }

  // ---- seeking

  private void look(long timeMs) {
    FlvOpening in = opening;
    VodFile from = file;
    if (in == null || from == null) {
      return;
    }
    stage = Stage.SEEKING;
    lookedMs = timeMs;
    idle.moved();
    cancelTimer();
    FlvSeek seek = FlvSeek.toTime(in, timeMs);
    ProbeRun.run(from, seek, fault -> sought(seek, fault));
  }

  private void sought(FlvSeek seek, @Nullable String fault) {
    if (stage == Stage.OVER) {
      return;
    }
    if (fault != null) {
      end(VodEnd.FAILED, fault);
    } else if (soughtMs >= 0 && soughtMs != lookedMs) {
      look(soughtMs);
    } else {
      begin(seek.place());
    }
  }

  /** Plays from a place; from the first tag without one. */
  private void begin(FlvSeek.@Nullable Place place) {
    FlvOpening in = opening;
    if (in == null) {
      return;
    }
    long fromMs = place == null ? 0 : place.timeMs();
    position = place == null ? in.firstTag() : place.position();
    soughtMs = -1;
    if (!joined) {
      joined = true;
      serving.joined();
      stopMs = lengthMs < 0 ? Long.MAX_VALUE : Math.max(startMs, fromMs) + lengthMs;
      viewer.onFound();
    } else {
      viewer.onSought();
    }
    if (stage == Stage.OVER) {
      return;
    }
    completed = false;
    stage = Stage.PLAYING;
    pace.start(fromMs, serving.now());
    tags.begin(in, fromMs);
    watchRest();
    pump();
  }

  // ---- playing

  private void pump() {
    if (pumping) {
      return;
    }
    pumping = true;
    try {
      while (stage == Stage.PLAYING && !pace.paused() && timer == null && step()) {}
    } finally {
      pumping = false;
    }
  }

  /** One send or one read; false when there is nothing to do until something happens. */
  private boolean step() {
    if (!viewer.ready()) {
      idle.since(serving.config().stallTimeout(), VodEnd.STALLED);
      return false;
    }
    ByteBuf batch = batch();
    if (batch != null) {
      sentBytes += batch.readableBytes();
      serving.sent(batch.readableBytes());
      viewer.send(batch);
      return true;
    }
    VodFile from = file;
    if (stage != Stage.PLAYING || timer != null || reading || from == null) {
      return false;
    }
    if (position >= from.length() || tags.damaged()) {
      complete();
      return false;
    }
    reading = true;
    from.read(position, READ_BYTES, this);
    return !reading;
  }

  /** All that is due, up to a batch; null when nothing is. */
  private @Nullable ByteBuf batch() {
    long now = serving.now();
    ByteBuf batch = null;
    for (FlvTag tag = tags.peek(); tag != null; tag = tags.peek()) {
      if (tag.timestampMs() > stopMs || (batch != null && batch.readableBytes() >= BATCH_BYTES)) {
        if (batch == null) {
          complete();
        }
        break;
      }
      long wait = pace.waitNanos(tag.timestampMs(), now);
      if (wait > 0) {
        if (batch == null) {
          timer = loop.schedule(this::due, pace.restNanos(wait), TimeUnit.NANOSECONDS);
        }
        break;
      }
      if (batch == null) {
        batch = ByteBufAllocator.DEFAULT.buffer(BATCH_BYTES);
      }
      ChunkEncoder.writeTag(batch, tag, tag.timestampMs());
      tags.drop();
    }
    return batch;
  }

  private void due() {
    timer = null;
    pump();
  }

  @Override
  public void bytes(ByteBuf bytes) {
    reading = false;
    try {
      if (stage == Stage.OVER) {
        return;
      }
      if (soughtMs >= 0) {
        look(soughtMs);
        return;
      }
      position += bytes.readableBytes();
      tags.feed(bytes);
    } finally {
      bytes.release();
    }
    pump();
  }

  @Override
  public void failed(String why) {
    reading = false;
    if (stage != Stage.OVER) {
      end(VodEnd.FAILED, why);
    }
  }

  private void complete() {
    stage = Stage.ENDED;
    completed = true;
    watchRest();
    viewer.onCompleted();
  }

  /** A viewer that has paused or seen the end is not kept for ever. */
  private void watchRest() {
    if (stage == Stage.ENDED || (stage == Stage.PLAYING && pace.paused())) {
      idle.since(serving.config().idleTimeout(), VodEnd.IDLE);
    }
  }

  // ---- the end

  private void end(VodEnd reason, String description) {
    if (stage == Stage.OVER) {
      return;
    }
    over(reason);
    viewer.onEnd(reason, description);
  }

  private void over(VodEnd reason) {
    stage = Stage.OVER;
    serving.ended(reason);
    if (joined) {
      serving.left();
    }
    idle.moved();
    cancelTimer();
    tags.close();
    VodFile open = file;
    if (open != null) {
      open.close();
    }
  }

  private void cancelTimer() {
    Future<?> running = timer;
    timer = null;
    if (running != null) {
      running.cancel(false);
    }
  }
}
