package dev.sluice.origin.files;

import java.util.Locale;

/** Why a store did not do what was asked: the log word, the metric tag and the problem type. */
public enum Refusal {
  /** If-Match or If-None-Match did not hold. */
  PRECONDITION_FAILED(412, "The stored version is another one"),
  /** More bytes than one file may have. */
  TOO_LARGE(413, "The file is too large"),
  /** The disk or the store's quota is full. */
  NO_SPACE(507, "There is no room for the file"),
  /** Content-Digest or Repr-Digest differs from what arrived. */
  DIGEST_MISMATCH(400, "The content differs from its digest"),
  /** A file stands where a directory is needed, or the other way round. */
  PATH_CLASH(409, "The path clashes with another file"),
  /** The client left before the end, or sent fewer bytes than announced. */
  INCOMPLETE(400, "The upload broke off"),
  /** The disk failed. */
  DISK_ERROR(500, "The disk failed");

  private final int status;
  private final String title;

  Refusal(int status, String title) {
    this.status = status;
    this.title = title;
  }

  /** The HTTP status that says this. */
  public int status() {
    return status;
  }

  /** A short human sentence. */
  public String title() {
    return title;
  }

  /** The word for problem types and tags, such as {@code no-space}. */
  public String slug() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
