package dev.sluice.origin.files;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A store did not take what was to be written. Its message is for the log. */
public final class StoreException extends IOException {
  private static final long serialVersionUID = 1;

  private final Refusal reason;
  private final String detail;

  /**
   * For a fault that a store has found itself.
   *
   * @param detail a sentence for the client
   */
  public StoreException(Refusal reason, String detail) {
    this(reason, detail, null);
  }

  /**
   * For one that lies deeper.
   *
   * @param detail a sentence for the client, who is not told the cause
   */
  public StoreException(Refusal reason, String detail, @Nullable IOException cause) {
    super(cause == null ? detail : detail + ": " + cause, cause);
    this.reason = reason;
    this.detail = detail;
  }

  /** Why. */
  public Refusal reason() {
    return reason;
  }

  /** The sentence for the client. */
  public String detail() {
    return detail;
  }
}
