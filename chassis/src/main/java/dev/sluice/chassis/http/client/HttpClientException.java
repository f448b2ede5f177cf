package dev.sluice.chassis.http.client;

/** A request that got no complete answer. */
public final class HttpClientException extends java.io.IOException {
  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Reason {
    /** No connection: refused, unreachable, unknown name. */
    CONNECT,
    /** No connection in time. */
    CONNECT_TIMEOUT,
    /** No TLS: not spoken there, a certificate of another name or authority, or not in time. */
    TLS,
    /** No head in time. */
    FIRST_BYTE_TIMEOUT,
    /** The body stopped coming. */
    IDLE_TIMEOUT,
    /** Closed before the end. */
    CLOSED,
    /** Not HTTP. */
    MALFORMED,
    /** By the caller, or the client was closed. */
    CANCELLED
  }

  private final Reason reason;

  public HttpClientException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
