package dev.sluice.origin.files;

/** How a deletion ended. */
public sealed interface DeleteResult {
  /** The file is gone. */
  record Deleted() implements DeleteResult {}

  /** There was no such file. */
  record Absent() implements DeleteResult {}

  /**
   * The file is still there.
   *
   * @param detail a sentence for the client
   */
  record Refused(Refusal reason, String detail) implements DeleteResult {}
}
