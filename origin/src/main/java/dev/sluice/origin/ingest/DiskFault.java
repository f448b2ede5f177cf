package dev.sluice.origin.ingest;

import java.io.IOException;
import java.util.Locale;

/** Why a disk broke a recording off: the log word and the meter's tag. */
enum DiskFault {
  /** No room is left, or the quota is used up. */
  DISK_FULL,
  /** Anything else. */
  DISK_ERROR;

  static DiskFault of(IOException e) {
    String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    boolean full = message.contains("no space left") || message.contains("quota exceeded");
    return full ? DISK_FULL : DISK_ERROR;
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
