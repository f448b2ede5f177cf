package dev.sluice.media.vod;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.List;
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
 * <p>What one viewer holds: {@value VodInput#READ_BYTES} bytes of the file, one unfinished tag, and
 * what the connection has not sent yet, which stops the reading above its water mark.
 *
 * <p>Threading: confined to the connection's loop.
 */
public final class VodPlayback implements VodFile.Reader {
  private enum Stage {
    OPENING,
    SEEKING,
    PLAYING,
    ENDED,
    OVER
  }

  private final VodServing serving;
  private final VodViewer viewer;
  private final PlayedPart part;
  private final VodLookup lookup;
  private final PendingSeek seek = new PendingSeek();
  private final PacedTags tags;
  private final IdleWatch idle;
  private @Nullable VodInput input;
  private Stage stage = Stage.OPENING;
  private boolean joined;
  private boolean completed;
  private boolean pumping;
  private long sentBytes;

  /** A play of which nothing is looked for yet; {@link #start} begins it. */
  public VodPlayback(VodServing serving, EventLoop loop, VodViewer viewer, PlayedPart part) {
    this.serving = serving;
    this.viewer = viewer;
    this.part = part;
    this.lookup = new VodLookup(serving.source(), loop, this::lookedUp);
    this.tags = new PacedTags(serving.config(), loop, this::pump);
    this.idle = new IdleWatch(loop, reason -> end(reason, "Nothing moved for too long."));
  }

  /** Looks for the first of some names that there is; with none, there is no such file. */
  public void start(List<String> names) {
    lookup.find(names);
  }

  private void lookedUp(VodLookup.Result result) {
    switch (result) {
      case VodLookup.Found(VodFile file, FlvOpening opening) -> {
        VodInput found = new VodInput(file, opening);
        input = found;
        stage = Stage.SEEKING;
        if (part.startMs() > 0) {
          find(found, part.startMs());
        } else {
          begin(found, null);
        }
      }
      case VodLookup.Unplayable(String why) -> end(VodEnd.NOT_FLV, why);
      case VodLookup.Absent a -> end(VodEnd.NOT_FOUND, "There is no such file.");
      case VodLookup.Unavailable(String why) -> end(VodEnd.UNAVAILABLE, why);
    }
  }

  // ---- what the viewer does

  /** The line takes bytes again. */
  public void onWritable() {
    idle.stop();
    watchRest();
    pump();
  }

  /** The viewer pauses or goes on. */
  public void pause(boolean on) {
    if (on) {
      tags.pause(serving.now());
      watchRest();
    } else {
      tags.resume(serving.now());
      idle.stop();
      pump();
    }
  }

  /** The viewer wants to go on from another media time. */
  public void seek(long timeMs) {
    VodInput from = input;
    if (!joined || from == null || stage == Stage.OVER) {
      return;
    }
    seek.ask(timeMs);
    serving.sought();
    if (stage != Stage.SEEKING && !from.reading()) {
      find(from, seek.wantedMs());
    } // else the read under way is waited for, and what it brings thrown away
  }

  /** The viewer told the length of its buffer. */
  public void setBuffer(long ms) {
    tags.setBuffer(ms);
    pump();
  }

  /** The viewer switches sound and picture on or off. */
  public void choose(boolean audio, boolean video) {
    tags.choose(audio, video);
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

  private void find(VodInput from, long timeMs) {
    stage = Stage.SEEKING;
    seek.lookFor(timeMs);
    idle.stop();
    tags.cancelWait();
    FlvSeek search = FlvSeek.toTime(from.opening(), timeMs);
    from.find(search, fault -> found(from, search, fault));
  }

  private void found(VodInput from, FlvSeek search, @Nullable String fault) {
    if (stage == Stage.OVER) {
      return;
    }
    if (fault != null) {
      end(VodEnd.FAILED, fault);
    } else if (seek.outdated()) {
      find(from, seek.wantedMs());
    } else {
      begin(from, search.place());
    }
  }

  /** Plays from a place; from the first tag without one. */
  private void begin(VodInput from, FlvSeek.@Nullable Place place) {
    long fromMs = place == null ? 0 : place.timeMs();
    from.moveTo(place == null ? from.opening().firstTag() : place.position());
    seek.done();
    if (joined) {
      viewer.onSought();
    } else {
      joined = true;
      serving.joined();
      tags.stopAt(part.stopMs(fromMs));
      viewer.onFound();
    }
    if (stage == Stage.OVER) {
      return;
    }
    completed = false;
    stage = Stage.PLAYING;
    tags.begin(from.opening(), fromMs, serving.now());
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
      while (stage == Stage.PLAYING && !tags.paused() && !tags.waits() && step()) {}
    } finally {
      pumping = false;
    }
  }

  /** One send or one read; false when there is nothing to do until something happens. */
  private boolean step() {
    VodInput from = input;
    if (from == null) {
      return false;
    }
    if (!viewer.ready()) {
      idle.start(serving.config().stallTimeout(), VodEnd.STALLED);
      return false;
    }
    ByteBuf batch = tags.batch(serving.now());
    if (batch != null) {
      sentBytes += batch.readableBytes();
      serving.sent(batch.readableBytes());
      viewer.send(batch);
      return true;
    }
    if (tags.atStop()) {
      complete();
      return false;
    }
    if (tags.waits() || from.reading()) {
      return false;
    }
    if (!from.atEnd() && !tags.damaged()) {
      return from.read(this);
    }
    complete();
    return false;
  }

  @Override
  public void bytes(ByteBuf bytes) {
    try {
      VodInput from = input;
      if (from == null) {
        return;
      }
      from.answered(bytes.readableBytes());
      if (stage == Stage.OVER) {
        return;
      }
      if (seek.asked()) {
        find(from, seek.wantedMs());
        return;
      }
      tags.feed(bytes);
    } finally {
      bytes.release();
    }
    pump();
  }

  @Override
  public void failed(String why) {
    VodInput from = input;
    if (from != null) {
      from.answered(0);
    }
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
    if (stage == Stage.ENDED || (stage == Stage.PLAYING && tags.paused())) {
      idle.start(serving.config().idleTimeout(), VodEnd.IDLE);
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
    idle.stop();
    tags.close();
    lookup.close();
    VodInput open = input;
    if (open != null) {
      open.close();
    }
  }
}
