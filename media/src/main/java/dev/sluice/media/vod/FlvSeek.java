package dev.sluice.media.vod;

import dev.sluice.media.flv.TagType;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Finds where in a file playing can start: the last keyframe at or before a time (in a file without
 * video, the last audio tag). The first one, when the time is before it.
 *
 * <p>An index in the metadata answers at once, if the place it names looks right. Otherwise the
 * file is searched: the time of the tag nearest to a guessed position halves what is left, by turns
 * in time and in bytes, so that a file of a gigabyte takes about ten looks; then tags are walked
 * from just before the time. If the keyframe lies before that, the walk begins again farther back.
 *
 * <pre>
 * INDEX --no, or wrong--> NARROW lo..hi --small enough--> WALK from lo --no keyframe--> BACK
 *                                                              ^-----------------------'
 * </pre>
 *
 * <p>Pure; one caller.
 */
public final class FlvSeek implements FileProbe {
  private static final int WINDOW_BYTES = 256 << 10;
  private static final long WALKED_BYTES = 4L * WINDOW_BYTES;

  /** A place to start playing. */
  public record Place(long position, long timeMs) {}

  private enum Stage {
    AIM,
    INDEX,
    NARROW,
    WALK,
    BACK,
    DONE
  }

  private final FlvOpening file;
  private final long aimedPosition;
  private long targetMs;
  private Stage stage;
  private long position;
  private long lo;
  private long loMs;
  private long hi;
  private long hiMs;
  private boolean byTime;
  private long walkFrom;
  private long step = WALKED_BYTES;
  private @Nullable Place best;

  private FlvSeek(FlvOpening file, long targetMs, long aimedPosition) {
    this.file = file;
    this.targetMs = targetMs;
    this.aimedPosition = aimedPosition;
    this.stage = Stage.DONE;
  }

  /** The place for a time. */
  public static FlvSeek toTime(FlvOpening file, long timeMs) {
    FlvSeek seek = new FlvSeek(file, timeMs, -1);
    KeyframeIndex index = file.index();
    long known = index == null ? -1 : index.before(timeMs);
    if (known >= file.firstTag() && known < file.fileBytes()) {
      seek.lookAt(Stage.INDEX, known);
    } else {
      seek.search();
    }
    return seek;
  }

  /** The place for a position: the keyframe there, or the last one before it. */
  public static FlvSeek toPosition(FlvOpening file, long position) {
    long within =
        Math.clamp(position, file.firstTag(), Math.max(file.firstTag(), file.fileBytes() - 1));
    FlvSeek seek = new FlvSeek(file, 0, within);
    KeyframeIndex index = file.index();
    long known = index == null ? -1 : index.beforePosition(within);
    seek.lookAt(Stage.AIM, known >= file.firstTag() ? known : within);
    return seek;
  }

  /** Where to start; null when the file has no such place at all. */
  public @Nullable Place place() {
    return best;
  }

  @Override
  public boolean done() {
    return stage == Stage.DONE;
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public int bytes() {
    return WINDOW_BYTES;
  }

  @Override
  public void look(ByteBuf part) {
    switch (stage) {
      case AIM -> aim(part);
      case INDEX -> {
        if (!startsHere(part)) {
          search();
        }
      }
      case NARROW -> narrow(part);
      case WALK -> walk(part, 0);
      case BACK -> walkBack(part);
      case DONE -> {}
    }
  }

  private void lookAt(Stage next, long at) {
    stage = next;
    position = at;
    if (at >= file.fileBytes()) {
      if (next == Stage.WALK) {
        endWalk();
      } else {
        search();
      }
    }
  }

  /** Ends the search when a keyframe begins the part, as an index or a player says. */
  private boolean startsHere(ByteBuf part) {
    int at = part.readerIndex();
    TagHeader header = TagHeader.read(part, at);
    boolean fits = header != null && part.writerIndex() - at >= header.stride();
    if (header == null || !starts(header) || (fits && !TagSync.whole(part, at))) {
      return false;
    }
    best = new Place(position, header.timeMs());
    stage = Stage.DONE;
    return true;
  }

  private boolean starts(TagHeader header) {
    return switch (header.type()) {
      case VIDEO -> header.keyframe();
      case AUDIO -> !file.hasVideo() && header.media();
      case SCRIPT -> false;
    };
  }

  private void aim(ByteBuf part) {
    if (startsHere(part)) {
      return;
    }
    int offset = TagSync.find(part, file.fileBytes() - position);
    TagHeader header = offset < 0 ? null : TagHeader.read(part, part.readerIndex() + offset);
    targetMs = header == null ? Long.MAX_VALUE : Math.max(0, header.timeMs() - 1);
    search();
  }

  private void search() {
    lo = file.firstTag();
    loMs = 0;
    hi = aimedPosition < 0 ? file.fileBytes() : Math.min(file.fileBytes(), aimedPosition + 1);
    hiMs = file.durationMs();
    byTime = aimedPosition < 0 && hiMs > 0;
    guess();
  }

  private void guess() {
    if (hi - lo <= WALKED_BYTES) {
      walkFrom = lo;
      lookAt(Stage.WALK, lo);
      return;
    }
    long middle = lo + (hi - lo) / 2;
    if (byTime && hiMs > loMs) {
      double share = (double) (targetMs - loMs) / (hiMs - loMs);
      long margin = WINDOW_BYTES + (hi - lo) / 16;
      long guessed = lo + (long) (share * (hi - lo)) - WINDOW_BYTES;
      middle = Math.clamp(guessed, lo + margin, hi - margin);
    }
    byTime = !byTime;
    lookAt(Stage.NARROW, middle);
  }

  private void narrow(ByteBuf part) {
    int offset = TagSync.find(part, file.fileBytes() - position);
    TagHeader header = offset < 0 ? null : TagHeader.read(part, part.readerIndex() + offset);
    if (header != null && header.timeMs() <= targetMs && position + offset > lo) {
      lo = position + offset;
      loMs = header.timeMs();
    } else {
      hi = position; // later, or nothing to hold on to: the walk from lo goes as far as it must
      hiMs = header == null ? -1 : header.timeMs();
    }
    guess();
  }

  private void walk(ByteBuf part, int from) {
    int start = part.readerIndex();
    int at = start + from;
    while (true) {
      int left = part.writerIndex() - at;
      long here = position + (at - start);
      TagHeader header = TagHeader.read(part, at);
      boolean whole = header != null && here + header.stride() - 4 <= file.fileBytes();
      boolean seen = header != null && left >= Math.min(header.stride() - 4, TagHeader.SEEN_BYTES);
      if (!seen && at > start && (header != null || left < TagHeader.BYTES)) {
        lookAt(Stage.WALK, here);
        return;
      }
      if (header == null || !whole || isPast(header, here)) {
        endWalk();
        return;
      }
      if (starts(header)) {
        best = new Place(here, header.timeMs());
      }
      if (header.stride() >= left) {
        lookAt(Stage.WALK, here + header.stride());
        return;
      }
      at += header.stride();
    }
  }

  /** Whether all that may answer lies before: the first place answers a time before it. */
  private boolean isPast(TagHeader header, long here) {
    boolean leads = header.type() == (file.hasVideo() ? TagType.VIDEO : TagType.AUDIO);
    boolean beyond = aimedPosition >= 0 && here > aimedPosition;
    boolean later = leads && header.media() && header.timeMs() > targetMs;
    return (later || beyond) && (best != null || walkFrom > file.firstTag());
  }

  private void endWalk() {
    if (best != null || walkFrom <= file.firstTag()) {
      stage = Stage.DONE;
      return;
    }
    walkFrom = Math.max(file.firstTag(), walkFrom - step);
    step *= 2;
    lookAt(walkFrom == file.firstTag() ? Stage.WALK : Stage.BACK, walkFrom);
  }

  private void walkBack(ByteBuf part) {
    int offset = TagSync.find(part, file.fileBytes() - position);
    if (offset < 0) {
      endWalk();
    } else {
      walk(part, offset);
    }
  }
}
