package dev.sluice.origin.files;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Moves the bytes of one upload to its part file, hashing and counting them on the way. Used once,
 * by one thread that may block.
 */
final class UploadTransfer {
  private final StoreLimits limits;
  private final SpaceBudget space;
  private final long expectedBytes;
  private final ContentDigests digests;
  private final MessageDigest sha256 = ContentHashes.digest("SHA-256");
  private final @Nullable MessageDigest sha512;
  private long bytes;
  private String hash = "";

  /** Takes room in {@code space} as bytes arrive; the caller gives {@link #bytes()} back. */
  UploadTransfer(
      StoreLimits limits, SpaceBudget space, long expectedBytes, ContentDigests digests) {
    this.limits = limits;
    this.space = space;
    this.expectedBytes = expectedBytes;
    this.digests = digests;
    this.sha512 =
        digests.expected().containsKey("sha-512") ? ContentHashes.digest("SHA-512") : null;
  }

  /** Bytes taken so far. */
  long bytes() {
    return bytes;
  }

  /** SHA-256 of a whole transfer, lower-case hexadecimal. */
  String hash() {
    return hash;
  }

  /** Null once all is in the part file and on the disk. Closes {@code out}. */
  PutResult.@Nullable Refused run(BodySource body, PartFile out)
      throws IOException, InterruptedException {
    try (out) {
      for (ByteBuf next = body.next(); next != null; next = body.next()) {
        try {
          PutResult.@Nullable Refused refused = write(out, next);
          if (refused != null) {
            return refused;
          }
        } finally {
          next.release();
        }
      }
      if (expectedBytes >= 0 && bytes != expectedBytes) {
        return new PutResult.Refused(
            Refusal.INCOMPLETE, bytes + " bytes came (expected: " + expectedBytes + ")");
      }
      PutResult.@Nullable Refused wrong = checkDigests();
      if (wrong == null) {
        out.sync();
      }
      return wrong;
    } catch (UploadBroken e) {
      return new PutResult.Refused(Refusal.INCOMPLETE, String.valueOf(e.getMessage()));
    }
  }

  private PutResult.@Nullable Refused write(PartFile out, ByteBuf next) throws IOException {
    int length = next.readableBytes();
    if (length > limits.maxFileBytes() - bytes) {
      return tooLarge(limits);
    }
    if (!space.take(length)) {
      return overQuota(limits);
    }
    bytes += length;
    for (ByteBuffer buffer : next.nioBuffers()) {
      sha256.update(buffer.duplicate());
      if (sha512 != null) {
        sha512.update(buffer.duplicate());
      }
      out.write(buffer);
    }
    return null;
  }

  private PutResult.@Nullable Refused checkDigests() {
    hash = HexFormat.of().formatHex(sha256.digest());
    for (Map.Entry<String, String> expected : digests.expected().entrySet()) {
      String found =
          sha512 != null && expected.getKey().equals("sha-512")
              ? HexFormat.of().formatHex(sha512.digest())
              : hash;
      if (!found.equals(expected.getValue())) {
        return new PutResult.Refused(
            Refusal.DIGEST_MISMATCH,
            expected.getKey() + ": " + found + " (expected: " + expected.getValue() + ")");
      }
    }
    return null;
  }

  static PutResult.Refused tooLarge(StoreLimits limits) {
    return new PutResult.Refused(
        Refusal.TOO_LARGE, "a file may have at most " + limits.maxFileBytes() + " bytes");
  }

  static PutResult.Refused overQuota(StoreLimits limits) {
    return new PutResult.Refused(
        Refusal.NO_SPACE, "the quota of " + limits.maxBytes() + " bytes is used up");
  }
}
