package dev.sluice.media.vod;

import io.netty.buffer.ByteBuf;

/**
 * A question about a file that is answered by looking at parts of it. Whoever can read the file, at
 * once or later, gives it what it wants until it is {@link #done}. Pure; one caller.
 */
public interface FileProbe {
  /** Longest part that a probe wants to see at once. */
  int MAX_BYTES = 4 << 20;

  /** Whether the answer is there, so that nothing more is wanted. */
  boolean done();

  /** Where the part begins that it wants to see; within the file. */
  long position();

  /** How much of it, at least 1 and at most {@link #MAX_BYTES}; may reach beyond the end. */
  int bytes();

  /**
   * Looks at the part it wants.
   *
   * @param part borrowed; as long as wanted, or up to the end of the file
   */
  void look(ByteBuf part);
}
