package dev.sluice.app.ops;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The checkout that the tests run in. */
final class Repository {
  private Repository() {}

  /** What a program said and how it ended. */
  record Run(int status, String output) {}

  /** The directory of the root pom. */
  static Path root() {
    String set = System.getProperty("sluice.root");
    return Path.of(set == null ? ".." : set).toAbsolutePath().normalize();
  }

  /** Pages written in Markdown, without those of other people and of builds. */
  static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    try (Stream<Path> all = Files.walk(root(), 8)) {
      all.filter(file -> file.toString().endsWith(".md"))
          .filter(
              file -> !(root().relativize(file) + "/").matches(".*(target|node_modules|\\.git)/.*"))
          .forEach(pages::add);
    }
    return pages;
  }

  /** Runs a program in a directory, output and errors together. */
  static Run run(Path directory, List<String> command) throws Exception {
    Path log = Files.createTempFile("sluice-run", ".log");
    try {
      ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
      builder.environment().put("ANSIBLE_NOCOLOR", "1");
      builder.environment().put("NO_COLOR", "1");
      Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
      if (!process.waitFor(10, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new AssertionError(
            command + ": not done after 10 minutes:\n" + Files.readString(log));
      }
      return new Run(process.exitValue(), Files.readString(log));
    } finally {
      Files.deleteIfExists(log);
    }
  }
}
