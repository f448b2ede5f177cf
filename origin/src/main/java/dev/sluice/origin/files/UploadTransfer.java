package dev.sluice.origin.files;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Moves the bytes of one upload to its draft, hashing and counting them on the way, and publishes
 * it. Used once, by one thread that may block.
 */
final class UploadTransfer {
  private final FileDraft draft;
  private final long expectedBytes;
  private final ContentDigests digests;
  private final MessageDigest sha256 = ContentDigests.digest("SHA-256");
  private final @Nullable MessageDigest sha512;
  private long bytes;

  /** Has moved nothing yet; the caller closes the draft. */
  UploadTransfer(FileDraft draft, long expectedBytes, ContentDigests digests) {
    this.draft = draft;
    this.expectedBytes = expectedBytes;
    this.digests = digests;
    this.sha512 =
        digests.expected().containsKey("sha-512") ? ContentDigests.digest("SHA-512") : null;
  }

  /** Returns once all of it is visible and durable. */
  PutResult.Stored run(BodySource body) throws StoreException, InterruptedException {
    try {
      for (ByteBuf next = body.next(); next != null; next = body.next()) {
        try {
          append(next);
        } finally {
          next.release();
        }
      }
    } catch (UploadBroken e) {
      throw new StoreException(Refusal.INCOMPLETE, String.valueOf(e.getMessage()));
    }
    if (expectedBytes >= 0 && bytes != expectedBytes) {
      throw new StoreException(
          Refusal.INCOMPLETE, bytes + " bytes came (expected: " + expectedBytes + ")");
    }
    return draft.publish(checkedHash());
  }

  private void append(ByteBuf next) throws StoreException {
    bytes += next.readableBytes();
    for (ByteBuffer buffer : next.nioBuffers()) {
      sha256.update(buffer.duplicate());
      if (sha512 != null) {
        sha512.update(buffer.duplicate());
      }
      draft.append(buffer);
    }
  }

  /** The SHA-256, once the content is what the client promised. */
  private String checkedHash() throws StoreException {
    String hash = HexFormat.of().formatHex(sha256.digest());
    for (Map.Entry<String, String> expected : digests.expected().entrySet()) {
      String found =
          sha512 != null && expected.getKey().equals("sha-512")
              ? HexFormat.of().formatHex(sha512.digest())
              : hash;
      if (!found.equals(expected.getValue())) {
        throw new StoreException(
            Refusal.DIGEST_MISMATCH,
            expected.getKey() + ": " + found + " (expected: " + expected.getValue() + ")");
      }
    }
    return hash;
  }
}
