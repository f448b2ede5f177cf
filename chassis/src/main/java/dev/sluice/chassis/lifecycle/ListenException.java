package dev.sluice.chassis.lifecycle;

/** An address could not be listened on. The message is one sentence for the operator. */
public final class ListenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A sentence and what the system said. */
  public ListenException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * The same with the setting that says where to listen.
   *
   * @param setting its key, such as {@code http.port}
   */
  public ListenException with(String setting) {
    return new ListenException(getMessage() + " (" + setting + ")", this);
  }
}
