package dev.sluice.chassis.http.server;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Tells when a connection has been too long where it is ({@link ConnectionState}). It is looked at
 * at least once a second, so a deadline is kept to within one look. A look that comes much later
 * says that this machine stood still, which no client is blamed for. Confined to the event loop.
 */
final class Deadlines {
  /** What waits to leave; asked once a look. */
  interface Output {
    /** What has changed since the last time. */
    Change look();

    /** What a look at it shows. */
    enum Change {
      /** Nothing waits, and nothing has left. */
      NOTHING,
      /** Bytes have left, or were written. */
      MOVED,
      /** Bytes wait that waited before. */
      STUCK
    }
  }

  private static final long MOST_BETWEEN_LOOKS = TimeUnit.SECONDS.toNanos(2);

  private final Output output;
  private final HttpLimits limits;
  private final Duration idle;
  private ConnectionState state = ConnectionState.IDLE;
  private long turn;
  private long enteredNanos;
  private long lastReadNanos;
  private long lastMoveNanos;
  private long lastTakenNanos;
  private long lastWritten;
  private long lastLookNanos;

  /** Nothing has happened yet but the connection. */
  Deadlines(Output output, HttpLimits limits, Duration idle, long nowNanos) {
    this.output = output;
    this.limits = limits;
    this.idle = idle;
    this.enteredNanos = nowNanos;
    this.lastReadNanos = nowNanos;
    this.lastMoveNanos = nowNanos;
    this.lastTakenNanos = nowNanos;
    this.lastLookNanos = nowNanos;
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
    pardon(nowNanos - lastLookNanos - MOST_BETWEEN_LOOKS);
    lastLookNanos = nowNanos;
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

  /** Does not count a time in which nothing ran here. */
  private void pardon(long stoodStillNanos) {
    if (stoodStillNanos > 0) {
      enteredNanos += stoodStillNanos;
      lastReadNanos += stoodStillNanos;
      lastMoveNanos += stoodStillNanos;
      lastTakenNanos += stoodStillNanos;
    }
  }

  /** Notes whether bytes have left, or were written, since the last look. */
  private void lookAtOutput(long written, long nowNanos) {
    Output.Change seen = output.look();
    if (seen != Output.Change.STUCK) {
      lastTakenNanos = nowNanos;
    }
    if (seen == Output.Change.MOVED || written != lastWritten) {
      lastMoveNanos = nowNanos;
    }
    lastWritten = written;
  }
}
