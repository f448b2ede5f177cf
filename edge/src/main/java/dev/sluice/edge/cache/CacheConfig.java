package dev.sluice.edge.cache;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.config.Setting;
import java.time.Duration;

/** The cache of files. */
public record CacheConfig(
    @Setting(doc = "Directory of the cache; made when missing.", def = "cache") String dir,
    @Setting(
            doc =
                "Disk space of the cache, taken at the start; a change keeps what fits. The index"
                    + " takes 120 bytes of heap for each slice.",
            def = "10GiB",
            range = "2MiB..1000TiB")
        ByteSize size,
    @Setting(
            expert = true,
            doc =
                "Files are cached in slices of this size, a multiple of 2 MiB if no disk space is to be"
                    + " wasted. An edge does not start with another size than its cache was made"
                    + " with; deleting slots.meta in cache.dir empties the cache and lets it.",
            def = "2MiB",
            range = "2MiB..16MiB")
        ByteSize sliceSize,
    @Setting(
            expert = true,
            doc = "Memory for slices that are being fetched; when it is full, fetching pauses.",
            def = "128MiB",
            range = "1MiB..64GiB")
        ByteSize fillMemory,
    @Setting(expert = true, doc = "Slices fetched ahead of a viewer.", def = "2", range = "0..16")
        int readAhead,
    @Setting(
            doc = "How long a file is fresh when the origin does not say.",
            def = "60s",
            range = "0s..365d")
        Duration defaultTtl,
    @Setting(
            expert = true,
            doc = "How long it is remembered that a file does not exist.",
            def = "2s",
            range = "0s..1h")
        Duration negativeTtl,
    @Setting(
            doc = "How long after its time a file is still served when no origin answers.",
            def = "1d",
            range = "0s..365d")
        Duration staleIfError,
    @Setting(
            expert = true,
            doc =
                "How long whoever waits for a file waits for origins that say nothing; an origin that"
                    + " has another beside it gets a second of this.",
            def = "6s",
            range = "100ms..60s")
        Duration originPatience,
    @Setting(
            expert = true,
            doc = "Files known at one time.",
            def = "100000",
            range = "100..100000000")
        int maxObjects) {

  /** The defaults in a directory. */
  public static CacheConfig in(String dir, ByteSize size) {
    return new CacheConfig(
        dir,
        size,
        ByteSize.ofMiB(2),
        ByteSize.ofMiB(128),
        2,
        Duration.ofSeconds(60),
        Duration.ofSeconds(2),
        Duration.ofDays(1),
        Duration.ofSeconds(6),
        100_000);
  }
}
