package dev.sluice.media.fmp4;

import java.util.Arrays;

/**
 * Frames of a picture and a sound track in the order in which they lie in a file, by number: where,
 * how long and when. 29 bytes a frame.
 *
 * <p>Threading: filled by one caller, then immutable.
 */
public final class FrameTable {
  /** Most frames: 12 hours of sound, or 5 hours of 60 pictures a second with it. */
  public static final int MAX_FRAMES = 1 << 21;

  private static final int VIDEO = 1;
  private static final int SYNC = 2;
  private static final int FRAME_BYTES = 29;

  private int count;
  private long[] positions = new long[256];
  private long[] begins = new long[256];
  private long[] decodes = new long[256];
  private int[] shifts = new int[256];
  private byte[] kinds = new byte[256];
  private long total;

  /**
   * Adds a frame.
   *
   * @param position of its bytes in the file; rising
   * @param decode when it is decoded, in units of its track; not before the track's last
   * @param shift by how much later it is shown
   * @throws IllegalArgumentException past {@link #MAX_FRAMES}
   */
  public void add(boolean video, boolean sync, long position, int bytes, long decode, int shift) {
    if (count == MAX_FRAMES) {
      throw new IllegalArgumentException("frames: more (expected: at most " + MAX_FRAMES + ")");
    }
    if (count == positions.length) {
      int room = count * 2;
      positions = Arrays.copyOf(positions, room);
      begins = Arrays.copyOf(begins, room);
      decodes = Arrays.copyOf(decodes, room);
      shifts = Arrays.copyOf(shifts, room);
      kinds = Arrays.copyOf(kinds, room);
    }
    positions[count] = position;
    begins[count] = total;
    decodes[count] = decode;
    shifts[count] = shift;
    kinds[count] = (byte) ((video ? VIDEO : 0) | (sync ? SYNC : 0));
    total += bytes;
    count++;
  }

  /** Frames. */
  public int count() {
    return count;
  }

  /** What the table has in memory. */
  public long heldBytes() {
    return (long) FRAME_BYTES * positions.length;
  }

  /** Bytes of all frames. */
  public long bytes() {
    return total;
  }

  /** Where a frame is in the file. */
  public long position(int frame) {
    return positions[frame];
  }

  /** Where it is when all frames lie one behind the other. */
  public long begin(int frame) {
    return frame == count ? total : begins[frame];
  }

  /** The frame that has a byte, when all frames lie one behind the other. */
  public int at(long offset) {
    int found = Arrays.binarySearch(begins, 0, count, offset);
    int frame = found >= 0 ? found : -found - 2;
    while (frame + 1 < count && begins[frame + 1] <= offset) {
      frame++; // frames without bytes
    }
    return frame;
  }

  boolean video(int frame) {
    return (kinds[frame] & VIDEO) != 0;
  }

  boolean sync(int frame) {
    return (kinds[frame] & SYNC) != 0;
  }

  int bytes(int frame) {
    return (int) (begin(frame + 1) - begins[frame]);
  }

  long decode(int frame) {
    return decodes[frame];
  }

  int shift(int frame) {
    return shifts[frame];
  }
}
