package dev.sluice.origin.files;

/** The body of an upload ended before its end. */
public final class UploadBroken extends Exception {
  private static final long serialVersionUID = 1;

  /** Says why, in words for the log. */
  public UploadBroken(String message) {
    super(message);
  }
}
