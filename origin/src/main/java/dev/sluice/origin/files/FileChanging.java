package dev.sluice.origin.files;

import java.io.IOException;

/**
 * A file is being written at this moment, by a copy for example: it has no version to serve yet.
 */
public final class FileChanging extends IOException {
  private static final long serialVersionUID = 1L;

  /** Of a path. */
  public FileChanging(FilePath path) {
    super(path + " is being written");
  }
}
