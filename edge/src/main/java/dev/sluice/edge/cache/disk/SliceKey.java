package dev.sluice.edge.cache.disk;

/**
 * Names one slice of one version of one file.
 *
 * @param hi first half of a 128-bit hash of path, version and length
 * @param lo second half
 * @param slice number of the slice, from 0
 */
public record SliceKey(long hi, long lo, int slice) {
  @Override
  public int hashCode() {
    return Long.hashCode(lo) + 0x9E3779B9 * slice;
  }
}
