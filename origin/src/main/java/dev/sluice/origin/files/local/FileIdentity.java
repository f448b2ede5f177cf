package dev.sluice.origin.files.local;

import dev.sluice.chassis.http.VersionCheck;
import dev.sluice.origin.files.ContentDigests;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What tells one version of a file from another without reading it. The time of the last change is
 * the kernel's own: it moves with every write, also one that sets the modification time back.
 *
 * @param size bytes
 * @param modifiedNanos nanoseconds since 1970
 * @param inode number on its volume
 * @param changedNanos when content or attributes were last changed, nanoseconds since 1970
 * @param device number of the volume
 */
record FileIdentity(long size, long modifiedNanos, long inode, long changedNanos, long device) {

  /** Of a regular file; null when there is none by that name. */
  static @Nullable FileIdentity of(Path file) throws IOException {
    Map<String, Object> found;
    try {
      found = Files.readAttributes(file, "unix:ino,dev,ctime,size,lastModifiedTime,isRegularFile");
    } catch (NoSuchFileException | NotDirectoryException e) {
      return null;
    } catch (FileSystemException e) {
      // "Not a directory": a stored file stands where the path wants a directory.
      if (String.valueOf(e.getReason()).contains("Not a directory")) {
        return null;
      }
      throw e;
    }
    if (!Boolean.TRUE.equals(found.get("isRegularFile"))) {
      return null;
    }
    FileTime modified = (FileTime) required(found, "lastModifiedTime");
    return new FileIdentity(
        (Long) required(found, "size"),
        modified.to(TimeUnit.NANOSECONDS),
        (Long) required(found, "ino"),
        ((FileTime) required(found, "ctime")).to(TimeUnit.NANOSECONDS),
        (Long) required(found, "dev"));
  }

  private static Object required(Map<String, Object> attributes, String name) throws IOException {
    Object value = attributes.get(name);
    if (value == null) {
      throw new IOException("file system gives no " + name);
    }
    return value;
  }

  /**
   * Whether whoever has this version open still reads it. A file of another number at the path has
   * taken its place and leaves it as it was.
   */
  VersionCheck check(Path file) {
    return () -> {
      FileIdentity now = of(file);
      return now == null || now.inode != inode || now.device != device || now.equals(this);
    };
  }

  /** A strong entity tag of this version, while its content has not been read. */
  String provisionalTag() {
    String all = size + " " + modifiedNanos + " " + inode + " " + changedNanos + " " + device;
    byte[] hash = ContentDigests.digest("SHA-256").digest(all.getBytes(StandardCharsets.US_ASCII));
    return "\"p" + HexFormat.of().formatHex(hash, 0, 16) + '"';
  }

  Instant modified() {
    return Instant.ofEpochSecond(0, modifiedNanos);
  }
}
