package dev.sluice.media.hls.live;

import dev.sluice.chassis.http.ResponseStream;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A segment or part on its way to one viewer: a piece at a time, and the next when there is room
 * for it. All viewers share the bytes; what is written beyond that room is copied for this one
 * where the connection is encrypted, and over HTTP/2 keeps its other requests from being taken.
 *
 * <p>Ownership: takes over the bytes, and lets go when they are sent or the viewer has gone.
 *
 * <p>Threading: confined to the request's loop.
 */
final class MediaBody {
  /** Two seconds of half a megabit, which then leave in one write. */
  static final int PIECE_BYTES = 128 * 1024;

  private final ResponseStream to;
  private @Nullable ByteBuf rest;

  private MediaBody(ResponseStream to, ByteBuf bytes) {
    this.to = to;
    this.rest = bytes;
  }

  /** Sends all of the bytes as an answer that has begun. Takes ownership. */
  static void send(ResponseStream to, ByteBuf bytes) {
    MediaBody body = new MediaBody(to, bytes);
    if (!to.isOpen()) {
      body.letGo();
      return;
    }
    to.onClosed(body::letGo);
    to.onWritable(body::write);
    body.write();
  }

  private void write() {
    ByteBuf from = rest;
    while (from != null && to.isWritable()) {
      if (from.readableBytes() <= PIECE_BYTES) {
        rest = null;
        to.write(from);
        to.end();
      } else {
        to.write(from.readRetainedSlice(PIECE_BYTES));
      }
      from = rest; // none when the connection broke under that
    }
    if (from != null) {
      to.flush(); // the head, if not even that was sent
    }
  }

  private void letGo() {
    ByteBuf left = rest;
    rest = null;
    if (left != null) {
      left.release();
    }
  }
}
