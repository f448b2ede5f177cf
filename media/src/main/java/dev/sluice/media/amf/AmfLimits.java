package dev.sluice.media.amf;

/**
 * Bounds on what one decode may build.
 *
 * @param maxDepth deepest nesting of objects and arrays
 * @param maxElements most values in all, keys not counted
 */
public record AmfLimits(int maxDepth, int maxElements) {
  /** Nesting of 16, 2048 values. */
  public static final AmfLimits DEFAULT = new AmfLimits(16, 2048);
}
