package dev.sluice.media;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Damaged copies of good inputs, always the same for one seed. */
public final class Mutations {
  private static final int[] EDGES = {0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF, 0x03, 0x0A, 0x11, 0xC3};
  private final SplittableRandom random;

  public Mutations(long seed) {
    random = new SplittableRandom(seed);
  }

  /** A copy with one to eight damages: flips, edge values, cuts, repeats, noise. */
  public byte[] damage(byte[] good) {
    byte[] bytes = good.clone();
    for (int i = 1 + random.nextInt(8); i > 0 && bytes.length > 1; i--) {
      int at = random.nextInt(bytes.length);
      int end = at + random.nextInt(Math.min(40, bytes.length - at + 1));
      switch (random.nextInt(7)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) EDGES[random.nextInt(EDGES.length)];
        case 2 -> Arrays.fill(bytes, at, end, (byte) EDGES[random.nextInt(EDGES.length)]);
        case 3 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
        case 4 -> bytes = Wire.join(slice(bytes, 0, at), slice(bytes, end, bytes.length));
        case 5 ->
            bytes =
                Wire.join(
                    slice(bytes, 0, end), slice(bytes, at, end), slice(bytes, end, bytes.length));
        default ->
            bytes =
                Wire.join(
                    slice(bytes, 0, at), noise(random.nextInt(40)), slice(bytes, at, bytes.length));
      }
    }
    return bytes;
  }

  /** Random bytes. */
  public byte[] noise(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** A piece size for feeding {@code length} bytes: often tiny, often all. */
  public int pieceBytes(int length) {
    return switch (random.nextInt(4)) {
      case 0 -> 1;
      case 1 -> 1 + random.nextInt(200);
      default -> Math.max(1, length);
    };
  }

  private static byte[] slice(byte[] bytes, int from, int to) {
    return Arrays.copyOfRange(bytes, from, to);
  }
}
