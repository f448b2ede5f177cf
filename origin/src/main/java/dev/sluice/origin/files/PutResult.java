package dev.sluice.origin.files;

/** How storing a version ended. */
public sealed interface PutResult {
  /**
   * The version is durable and visible.
   *
   * @param created false when it replaced an older one
   */
  record Stored(StoredFile file, boolean created) implements PutResult {}

  /**
   * Nothing changed: what was stored before still is.
   *
   * @param detail a sentence for the client
   */
  record Refused(Refusal reason, String detail) implements PutResult {}
}
