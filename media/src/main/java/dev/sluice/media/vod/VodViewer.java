package dev.sluice.media.vod;

import io.netty.buffer.ByteBuf;

/** Who watches a file: the connection behind a {@link VodPlayback}. Called on its loop. */
public interface VodViewer {
  /** Whether the line takes more; if not, {@link VodPlayback#onWritable} is called later. */
  boolean ready();

  /** Sends encoded media. Takes ownership. */
  void send(ByteBuf media);

  /** The file is there: answer the play request; media follows. */
  void onFound();

  /** A seek is done: say so; headers and a keyframe follow. */
  void onSought();

  /** All was sent. The viewer may still seek. */
  void onCompleted();

  /**
   * The play was refused, or ended from this side.
   *
   * @param description a sentence for the viewer
   */
  void onEnd(VodEnd reason, String description);
}
