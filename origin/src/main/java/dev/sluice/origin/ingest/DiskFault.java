package dev.sluice.origin.ingest;

import dev.sluice.origin.files.Refusal;
import dev.sluice.origin.files.StoreException;
import java.io.IOException;
import java.util.Locale;

/** Why a disk broke a recording off: the log word and the meter's tag. */
enum DiskFault {
  /** No room is left, or the quota is used up. */
  DISK_FULL,
  /** Anything else. */
  DISK_ERROR;

  static DiskFault of(IOException e) {
    return e instanceof StoreException known && known.reason() == Refusal.NO_SPACE
        ? DISK_FULL
        : DISK_ERROR;
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
