package dev.sluice.origin.files;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.config.Setting;
import java.nio.file.Path;

/** Where files are kept, how many, and what viewers' caches may do with them. */
public record FilesConfig(
    @Setting(doc = "Directory of the files; made when it is not there.", def = "data/files")
        String directory,
    @Setting(doc = "Most bytes of one uploaded file.", def = "64GiB", range = "1B..1024TiB")
        ByteSize maxFileBytes,
    @Setting(
            doc = "Most bytes of all files together; an upload beyond it is refused with 507.",
            def = "1024TiB",
            range = "1B..1024TiB")
        ByteSize maxBytes,
    @Setting(
            doc = "Cache-Control of every file; caches may ask again by ETag when it has passed.",
            def = "public, max-age=60",
            example = "public, max-age=3600")
        String cacheControl) {

  /** Defaults in a directory. */
  public static FilesConfig in(Path directory) {
    return new FilesConfig(
        directory.toString(),
        new ByteSize(64L << 30),
        new ByteSize(1024L << 40),
        "public, max-age=60");
  }

  /** The limits as the store takes them. */
  public StoreLimits limits() {
    return new StoreLimits(maxFileBytes.bytes(), maxBytes.bytes());
  }
}
