package dev.sluice.cluster;

import java.util.Locale;

/** A heartbeat that is not taken in; the message is for its sender. */
public final class HeartbeatException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  private final Reason reason;

  /** Why. */
  public enum Reason {
    /** Not a heartbeat, or something in it cannot be. */
    MALFORMED,
    /** Another node of that id is alive. */
    ID_IN_USE,
    /** Another token than the one by which the node of that id is known. */
    OTHER_TOKEN,
    /** Another region than the balancer's configuration or its approval has for it. */
    OTHER_REGION,
    /** Another role than the balancer's configuration or its approval has for it. */
    OTHER_ROLE,
    /** Its URL or address is a balancer's. */
    LEADS_BACK,
    /** Times that have not come yet. */
    CLOCK_AHEAD,
    /** More nodes than are kept. */
    TOO_MANY_NODES;

    /** For scripts and logs. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** With a sentence for the sender. */
  public HeartbeatException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  /** Why it is not taken in. */
  public Reason reason() {
    return reason;
  }
}
