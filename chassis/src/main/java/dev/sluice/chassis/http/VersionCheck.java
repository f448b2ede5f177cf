package dev.sluice.chassis.http;

import java.io.IOException;

/** Tells whether an open file still has the content that it was described with; may block. */
@FunctionalInterface
public interface VersionCheck {
  /** Of files that nobody changes in place. */
  VersionCheck NONE = () -> true;

  /** Whether what has been read so far is all of the version that was opened. */
  boolean unchanged() throws IOException;
}
