package dev.sluice.origin.files;

/**
 * How much a store takes.
 *
 * @param maxFileBytes most bytes of one file
 * @param maxBytes most bytes of all files together, uploads under way included
 */
public record StoreLimits(long maxFileBytes, long maxBytes) {
  /** A store that is full only when its disk is. */
  public static final StoreLimits NONE = new StoreLimits(Long.MAX_VALUE, Long.MAX_VALUE);

  /** The refusal of a file that is too large. */
  public StoreException tooLarge() {
    return new StoreException(
        Refusal.TOO_LARGE, "a file may have at most " + maxFileBytes + " bytes");
  }

  /** The refusal when there is no room left. */
  public StoreException overQuota() {
    return new StoreException(Refusal.NO_SPACE, "the quota of " + maxBytes + " bytes is used up");
  }
}
