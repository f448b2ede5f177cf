package dev.sluice.app;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the text of a configuration; what goes wrong is told with the file's name. */
final class ConfigFile {
  private ConfigFile() {}

  static String read(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException(file + " is a directory (expected: a YAML file)");
    }
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new IOException(file + " is not text in UTF-8 (expected: a YAML file)", e);
    } catch (AccessDeniedException e) {
      throw new IOException("no permission to read " + file, e);
    }
  }
}
