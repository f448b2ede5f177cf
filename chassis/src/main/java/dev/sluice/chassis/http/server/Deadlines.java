package dev.sluice.chassis.http.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import java.time.Duration;

/**
 * Tells when a connection has been too long where it is ({@link ConnectionState}). It is looked at
 * a few times a second, so a deadline is kept to within one look. Confined to the event loop.
 */
final class Deadlines {
  private final Channel channel;
  private final HttpLimits limits;
  private final Duration idle;
  private ConnectionState state = ConnectionState.IDLE;
  private long turn;
  private long enteredNanos;
  private long lastReadNanos;
  private long lastMoveNanos;
  private long lastTakenNanos;
  private long lastWritten;
  private long lastPending;
  private long lastProgress;
  private int lastFirst;

  /** Nothing has happened yet but the connection. */
  Deadlines(Channel channel, HttpLimits limits, Duration idle, long nowNanos) {
    this.channel = channel;
    this.limits = limits;
    this.idle = idle;
    this.enteredNanos = nowNanos;
    this.lastReadNanos = nowNanos;
    this.lastMoveNanos = nowNanos;
    this.lastTakenNanos = nowNanos;
  }

  /** Bytes came in, or the client was let go on. */
  void read(long nowNanos) {
    lastReadNanos = nowNanos;
    lastMoveNanos = nowNanos;
  }

  /**
   * Why the connection must end now; empty while it need not.
   *
   * @param turn number of the request: the same state of another request is entered anew
   * @param written bytes that the handler has written of its answer
   */
  String late(ConnectionState now, long turn, long written, long nowNanos) {
    if (now != state || turn != this.turn) {
      state = now;
      this.turn = turn;
      enteredNanos = nowNanos;
    }
    lookAtOutput(written, nowNanos);
    long stuck = nowNanos - lastTakenNanos;
    if (now != ConnectionState.DETACHED && stuck > limits.stallTimeout().toNanos()) {
      return ConnectionState.FLUSHING.reason();
    }
    long inAll = nowNanos - enteredNanos;
    long counted =
        switch (now.clock()) {
          case TOTAL -> inAll;
          case UNREAD -> Math.min(inAll, nowNanos - lastReadNanos);
          case QUIET -> Math.min(inAll, nowNanos - lastMoveNanos);
          case STUCK -> stuck;
        };
    boolean late =
        counted > now.limit(limits, idle).toNanos() || inAll > now.limitInAll().toNanos();
    return late ? now.reason() : "";
  }

  /** Notes whether bytes have left, or were written, since the last look. */
  private void lookAtOutput(long written, long nowNanos) {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    boolean none = out == null || out.isEmpty();
    long pending = out == null || none ? 0 : Math.max(1, out.totalPendingWriteBytes());
    long progress = out == null || none ? 0 : out.currentProgress();
    int first = out == null || none ? 0 : System.identityHashCode(out.current());
    boolean moved = pending != lastPending || progress != lastProgress || first != lastFirst;
    if (none || moved) {
      lastTakenNanos = nowNanos;
    }
    if (moved || written != lastWritten) {
      lastMoveNanos = nowNanos;
    }
    lastPending = pending;
    lastProgress = progress;
    lastFirst = first;
    lastWritten = written;
  }
}
