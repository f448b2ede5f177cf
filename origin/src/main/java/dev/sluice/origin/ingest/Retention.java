package dev.sluice.origin.ingest;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.config.Setting;
import dev.sluice.origin.files.StoredFile;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Which recordings are too old or too many. Only names that the recorder gives are looked at, so a
 * file that an operator put beside them stays. Pure; immutable.
 */
public record Retention(
    @Setting(
            doc = "Recordings older than this are removed; 0 keeps them.",
            def = "0s",
            range = "0s..3650d",
            example = "30d")
        Duration keepFor,
    @Setting(
            doc = "The oldest recordings are removed while all have more bytes; 0 keeps them.",
            def = "0B",
            range = "0B..1024TiB",
            example = "500GiB")
        ByteSize keepBytes) {
  /** Keeps all. */
  public static final Retention FOREVER = new Retention(Duration.ZERO, new ByteSize(0));

  private static final Pattern RECORDING =
      Pattern.compile("recordings/.+/[0-9]{8}-[0-9]{6}(-[0-9]{1,4})?\\.flv");

  /** Why one goes: the log word and the meter's tag. */
  enum Reason {
    AGE,
    SIZE;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A recording to remove. */
  record Removal(StoredFile file, Reason reason) {}

  /** Whether any recording may be removed at all. */
  boolean removes() {
    return !keepFor.isZero() || keepBytes.bytes() > 0;
  }

  /** Whether a stored file is a recording of ours. */
  static boolean covers(StoredFile file) {
    return RECORDING.matcher(file.path().value()).matches();
  }

  /** What goes now, the oldest first. */
  List<Removal> removals(List<StoredFile> stored, Instant now) {
    List<StoredFile> recordings =
        stored.stream()
            .filter(Retention::covers)
            .sorted(Comparator.comparing(StoredFile::modified).thenComparing(StoredFile::path))
            .toList();
    long bytes = recordings.stream().mapToLong(StoredFile::size).sum();
    List<Removal> removals = new ArrayList<>();
    for (StoredFile file : recordings) {
      boolean old = !keepFor.isZero() && file.modified().plus(keepFor).isBefore(now);
      if (!old && (keepBytes.bytes() == 0 || bytes <= keepBytes.bytes())) {
        break; // those behind it are younger
      }
      removals.add(new Removal(file, old ? Reason.AGE : Reason.SIZE));
      bytes -= file.size();
    }
    return removals;
  }
}
