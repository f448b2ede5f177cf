package dev.sluice.media.vod;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the first of some names that there is, and reads the opening of the file. Answers once,
 * at once or later.
 *
 * <p>Threading: confined to the loop.
 */
final class VodLookup implements AutoCloseable {

  /** What came of it. */
  sealed interface Result {}

  /** A file that can be played, with what its opening told. The receiver closes it. */
  record Found(VodFile file, FlvOpening opening) implements Result {}

  /**
   * A file, but not one of this kind.
   *
   * @param why a sentence for the viewer
   */
  record Unplayable(String why) implements Result {}

  /** There is no such file. */
  record Absent() implements Result {}

  /**
   * Nobody can say now.
   *
   * @param why a sentence for the viewer
   */
  record Unavailable(String why) implements Result {}

  private final VodSource source;
  private final EventLoop loop;
  private @Nullable Consumer<Result> waiting;
  private @Nullable VodFile file;

  /** A lookup that has not begun; {@link #find} begins it. */
  VodLookup(VodSource source, EventLoop loop, Consumer<Result> answer) {
    this.source = source;
    this.loop = loop;
    this.waiting = answer;
  }

  /** Tries one name after the other; with none, there is no such file. */
  void find(List<String> names) {
    if (names.isEmpty()) {
      answer(new Absent());
      return;
    }
    source.open(names.getFirst(), loop, opened -> opened(opened, names));
  }

  private void opened(VodSource.Opened opened, List<String> names) {
    switch (opened) {
      case VodSource.Found(VodFile found) -> {
        if (waiting == null) {
          found.close();
          return;
        }
        file = found;
        FlvOpening opening = new FlvOpening(found.length());
        ProbeRun.run(found, opening, fault -> looked(found, opening, fault));
      }
      case VodSource.Absent a -> {
        if (waiting != null) {
          find(names.subList(1, names.size()));
        }
      }
      case VodSource.Unavailable(String why) -> answer(new Unavailable(why));
    }
  }

  private void looked(VodFile found, FlvOpening opening, @Nullable String fault) {
    if (waiting == null) {
      return; // closed, and so what was read
    }
    if (fault != null) {
      answer(new Unavailable(fault));
    } else if (!opening.flv()) {
      answer(new Unplayable("Only FLV files can be played over RTMP; fetch this one over HTTP."));
    } else if (!opening.playable()) {
      answer(new Unplayable("The file has neither sound nor picture."));
    } else {
      file = null;
      answer(new Found(found, opening));
    }
  }

  private void answer(Result result) {
    Consumer<Result> to = waiting;
    close();
    if (to != null) {
      to.accept(result);
    }
  }

  /** Nobody waits any more. */
  @Override
  public void close() {
    waiting = null;
    VodFile open = file;
    file = null;
    if (open != null) {
      open.close();
    }
  }
}
