package dev.sluice.edge.cache;

import dev.sluice.chassis.http.Conditionals;
import dev.sluice.edge.cache.disk.SliceKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a file: its current version and how long that is good for. Its bytes are slices
 * under {@link #slice}, which change with the version, so bytes of two versions never mix.
 *
 * <p>A strong entity tag names a version, so slices of several answers make one file (RFC 9111
 * section 3.4). Without one nothing tells two versions of one length apart: then each answer of an
 * origin is a version of its own, and its slices come from that answer or from nowhere.
 *
 * @param path decoded path, as viewers ask for it
 * @param head what the origin says of it
 * @param lifetime how long it is good for
 * @param hi hash for slice keys
 * @param lo hash for slice keys
 */
record CachedObject(String path, FileHead head, Freshness.Lifetime lifetime, long hi, long lo) {

  /**
   * A version that an origin's answer describes.
   *
   * @param answer tells this answer from all others; counts where there is no strong tag
   */
  static CachedObject of(String path, FileHead head, Freshness.Lifetime lifetime, long answer) {
    String version = Conditionals.strong(head.etag()) ? head.etag() : "answer " + answer;
    ByteBuffer hash = hash(path + "\0" + version + "\0" + head.length());
    return new CachedObject(path, head, lifetime, hash.getLong(), hash.getLong());
  }

  private static ByteBuffer hash(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return ByteBuffer.wrap(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Nullable String etag() {
    return head.etag();
  }

  @Nullable String lastModified() {
    return head.lastModified();
  }

  /** Bytes of the whole file. */
  long length() {
    return head.length();
  }

  String contentType() {
    return head.contentType();
  }

  @Nullable String cacheControl() {
    return head.cacheControl();
  }

  @Nullable String expires() {
    return head.expires();
  }

  /** Whether slices of several answers may make one file of this version. */
  boolean combinable() {
    return Conditionals.strong(etag());
  }

  /** Whether an answer with this tag and length brings bytes of this very version. */
  boolean isVersion(@Nullable String tag, long total) {
    return combinable() && Objects.equals(etag(), tag) && total == length();
  }

  /** When the origin last confirmed it, less the age it had then. */
  long fetchedAtMs() {
    return lifetime.bornAtMs();
  }

  /** From when on the origin must be asked. */
  long freshUntilMs() {
    return lifetime.freshUntilMs();
  }

  /** Until when it may be served at once while the origin is asked. */
  long refreshUntilMs() {
    return lifetime.refreshUntilMs();
  }

  /** Until when it may be served if no origin answers. */
  long staleUntilMs() {
    return lifetime.staleUntilMs();
  }

  /** The same version with what a 304 said of it. */
  CachedObject confirmed(
      @Nullable String modified,
      @Nullable String control,
      @Nullable String expiry,
      Freshness.Lifetime longer) {
    FileHead now =
        new FileHead(head.etag(), modified, head.length(), head.contentType(), control, expiry);
    return new CachedObject(path, now, longer, hi, lo);
  }

  /** The same, to be served no more unless an origin confirms it. */
  CachedObject ended() {
    return new CachedObject(path, head, lifetime.ended(), hi, lo);
  }

  /** What is said of a part of it that is an answer of its own; its slices stay those of this. */
  CachedObject described(long bytes, @Nullable String tag) {
    FileHead part =
        new FileHead(
            tag,
            head.lastModified(),
            bytes,
            head.contentType(),
            head.cacheControl(),
            head.expires());
    return new CachedObject(path, part, lifetime, hi, lo);
  }

  SliceKey slice(int number) {
    return new SliceKey(hi, lo, number);
  }

  int lastSlice(int sliceSize) {
    return (int) ((length() - 1) / sliceSize);
  }

  int sliceLength(int number, int sliceSize) {
    return (int) Math.min(sliceSize, length() - (long) number * sliceSize);
  }

  boolean sameVersion(CachedObject other) {
    return hi == other.hi && lo == other.lo;
  }

  @Nullable Instant modified() {
    return Conditionals.date(head.lastModified());
  }
}
