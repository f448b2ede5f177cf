package dev.sluice.chassis.http.server;

import java.time.Duration;

/**
 * Where a connection stands, and how long it may stand there. There is no other place for a
 * connection to be ({@link HttpConnection#state}), and none of these is without a deadline.
 *
 * <p>Of HTTP/2 a connection and each of its streams stand somewhere: the connection is opening,
 * resting, at a head, shared by streams, flushing or lingering ({@link Http2Session#state}); a
 * stream is receiving, thinking, answering or flushing ({@link Http2Stream#state}).
 *
 * <p>In each of them but {@link #DETACHED} bytes of an answer that the client does not take for the
 * stall timeout end the connection too. The TLS handshake is part of {@link #IDLE}, and cut off
 * earlier by {@code tls.handshakeTimeout}.
 */
enum ConnectionState {
  /** No request has begun. */
  IDLE("idle", Clock.QUIET),
  /** A head is arriving. */
  HEAD("slow-head", Clock.TOTAL),
  /** A handler waits for the request's body. */
  RECEIVING("slow-body", Clock.UNREAD),
  /** It is the handler's turn: nothing has been answered, and it wants no more of the body. */
  THINKING("no-answer", Clock.TOTAL),
  /** An answer is on its way. */
  ANSWERING("no-answer", Clock.QUIET),
  /**
   * The answer is written; the rest of a body that nobody wants is read, so that the connection can
   * go on. If it does not end soon, the connection ends, lingering.
   */
  DISCARDING("slow-body", Clock.TOTAL),
  /** The last answer is written and leaves; then the connection closes. */
  FLUSHING("slow-reader", Clock.TOTAL),
  /** All is said and the way out closed; the client has to close its own (RFC 9112 9.6). */
  LINGERING("linger", Clock.QUIET),
  /** No longer HTTP: its owner's deadlines are the shorter ones. */
  DETACHED("slow-reader", Clock.STUCK),
  /** HTTP/2 is agreed on; the client's preface or its word on our settings is not there yet. */
  OPENING("slow-head", Clock.TOTAL),
  /** HTTP/2 without a stream, since the last one ended: no ping keeps it open. */
  RESTING("idle", Clock.TOTAL),
  /** HTTP/2 with streams, each of which stands somewhere itself. */
  SHARED("slow-reader", Clock.STUCK);

  private static final Duration DISCARD = Duration.ofSeconds(10);
  private static final Duration LINGER = Duration.ofSeconds(2);
  private static final Duration LINGER_IN_ALL = Duration.ofSeconds(30);

  /** What of the time a deadline counts. */
  enum Clock {
    /** Since the state began. */
    TOTAL,
    /** Since the last byte in, or the beginning of the state. */
    UNREAD,
    /** Since anything moved in either direction, or the beginning of the state. */
    QUIET,
    /** Since bytes wait to leave and none does. */
    STUCK
  }

  private final String reason;
  private final Clock clock;

  ConnectionState(String reason, Clock clock) {
    this.reason = reason;
    this.clock = clock;
  }

  /** The tag of the error meter when the deadline passes. */
  String reason() {
    return reason;
  }

  Clock clock() {
    return clock;
  }

  /** How long {@link #clock} may count. */
  Duration limit(HttpLimits limits, Duration idle) {
    return switch (this) {
      case IDLE, RESTING -> idle;
      case HEAD, OPENING -> limits.headTimeout();
      case RECEIVING, SHARED -> limits.stallTimeout();
      case DISCARDING -> shorter(DISCARD, limits.stallTimeout());
      case THINKING, ANSWERING, FLUSHING, DETACHED -> limits.answerTimeout();
      case LINGERING -> LINGER;
    };
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** The longest that the state may last whatever moves. */
  Duration limitInAll() {
    return this == LINGERING ? LINGER_IN_ALL : Duration.ofNanos(Long.MAX_VALUE);
  }
}
