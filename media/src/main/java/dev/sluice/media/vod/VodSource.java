package dev.sluice.media.vod;

import io.netty.channel.EventLoop;
import java.util.function.Consumer;

/** Where stored files come from. */
public interface VodSource {

  /** What came of looking for a file. */
  sealed interface Opened {}

  /** It is there. The receiver closes it. */
  record Found(VodFile file) implements Opened {}

  /** There is no such file. */
  record Absent() implements Opened {}

  /**
   * Nobody can say now.
   *
   * @param why a sentence for the viewer
   */
  record Unavailable(String why) implements Opened {}

  /**
   * Looks for the current version of a file.
   *
   * @param path below {@code vod/}, such as {@code films/one.flv}; anything a client may send
   * @param loop the caller's; the answer comes there, at once or later
   */
  void open(String path, EventLoop loop, Consumer<Opened> answer);
}
