package dev.sluice.chassis.http;

/** User events that a channel gets after {@link BareConnection#detach} took HTTP off it. */
public enum DetachedEvent {
  /** The server closes the channel next: what is to be said must be written and flushed now. */
  SERVER_CLOSES
}
