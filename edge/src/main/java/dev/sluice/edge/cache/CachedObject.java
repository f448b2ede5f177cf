package dev.sluice.edge.cache;

import dev.sluice.chassis.http.Conditionals;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a file: its current version and how long that is good for. Its bytes are slices
 * under {@link #slice}, which change with the version, so bytes of two versions never mix.
 *
 * @param path decoded path, as viewers ask for it
 * @param etag as the origin sent it; null = none
 * @param lastModified as the origin sent it; null = none
 * @param length bytes
 * @param cacheControl as the origin sent it; null = none
 * @param fetchedAtMs when the origin last confirmed it, less the age it had then
 * @param freshUntilMs from when on the origin must be asked
 * @param staleUntilMs until when it may be served if no origin answers
 * @param hi hash for slice keys
 * @param lo hash for slice keys
 */
record CachedObject(
    String path,
    @Nullable String etag,
    @Nullable String lastModified,
    long length,
    String contentType,
    @Nullable String cacheControl,
    long fetchedAtMs,
    long freshUntilMs,
    long staleUntilMs,
    long hi,
    long lo) {

  static CachedObject of(
      String path,
      @Nullable String etag,
      @Nullable String lastModified,
      long length,
      String contentType,
      @Nullable String cacheControl,
      Freshness.Lifetime lifetime) {
    ByteBuffer hash = hash(path + "\0" + version(etag, lastModified) + "\0" + length);
    return new CachedObject(
        path,
        etag,
        lastModified,
        length,
        contentType,
        cacheControl,
        lifetime.bornAtMs(),
        lifetime.freshUntilMs(),
        lifetime.staleUntilMs(),
        hash.getLong(),
        hash.getLong());
  }

  private static ByteBuffer hash(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return ByteBuffer.wrap(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** A strong tag says it all; otherwise the best there is. */
  static String version(@Nullable String etag, @Nullable String lastModified) {
    return Conditionals.strong(etag) ? String.valueOf(etag) : etag + "|" + lastModified;
  }

  String version() {
    return version(etag, lastModified);
  }

  CachedObject confirmed(Freshness.Lifetime lifetime) {
    return new CachedObject(
        path,
        etag,
        lastModified,
        length,
        contentType,
        cacheControl,
        lifetime.bornAtMs(),
        lifetime.freshUntilMs(),
        lifetime.staleUntilMs(),
        hi,
        lo);
  }

  /** What is said of a part of it that is an answer of its own; its slices stay those of this. */
  CachedObject described(long bytes, @Nullable String tag) {
    return new CachedObject(
        path,
        tag,
        lastModified,
        bytes,
        contentType,
        cacheControl,
        fetchedAtMs,
        freshUntilMs,
        staleUntilMs,
        hi,
        lo);
  }

  SliceKey slice(int number) {
    return new SliceKey(hi, lo, number);
  }

  int lastSlice(int sliceSize) {
    return (int) ((length - 1) / sliceSize);
  }

  int sliceLength(int number, int sliceSize) {
    return (int) Math.min(sliceSize, length - (long) number * sliceSize);
  }

  boolean sameVersion(CachedObject other) {
    return hi == other.hi && lo == other.lo;
  }

  @Nullable Instant modified() {
    return Conditionals.date(lastModified);
  }
}
