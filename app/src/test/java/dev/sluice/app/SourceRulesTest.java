package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** House rules that are about text rather than about classes. */
class SourceRulesTest {
  private static final Path ROOT = Path.of(System.getProperty("sluice.root", ".."));
  private static final int CAP = 500;
  private static final int READING_CAP = 300;
  private static final Pattern LINKED_SOURCE = Pattern.compile("\\]\\(([^)]+\\.java)\\)");
  private static final Pattern SOURCE = Pattern.compile(".*\\.(java|js|mjs|css|html|sh|py|yml)");
  private static final Pattern OPEN_END =
      Pattern.compile("\\b(TODO|FIXME|XXX)\\b(?! ?\\(#\\d+\\))");
  private static final Set<String> BANNED =
      Set.of("Manager", "Helper", "Helpers", "Util", "Utils", "Impl", "Base", "Abstract", "Common");

  private static List<Path> sources(String... parts) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> all = Files.walk(ROOT)) {
      all.filter(Files::isRegularFile)
          .filter(file -> SOURCE.matcher(file.toString()).matches())
          .forEach(
              file -> {
                String path = ROOT.relativize(file).toString();
                boolean ours =
                    !path.matches("data/.*|(.*/)?(target|vendor|node_modules|\\.git)/.*");
                if (ours && Stream.of(parts).allMatch(path::contains)) {
                  found.add(file);
                }
              });
    }
    assertThat(found).as("sources under " + ROOT.toAbsolutePath()).isNotEmpty();
    return found;
  }

  @Test
  void noFileIsLongerThanTheCap() throws IOException {
    List<String> faults = new ArrayList<>();
    for (Path file : sources()) {
      int lines = Files.readAllLines(file).size();
      if (lines > CAP) {
        faults.add(file + ": " + lines + " lines (expected: <= " + CAP + ")");
      }
    }
    assertThat(faults).isEmpty();
  }

  @Test
  void noFileOfTheReadingOrderIsTooLongToBeRead() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    String order = readme.substring(readme.indexOf("## Reading order"));
    order = order.substring(0, order.indexOf("\n## "));
    List<String> faults = new ArrayList<>();
    List<String> named = LINKED_SOURCE.matcher(order).results().map(m -> m.group(1)).toList();
    for (String file : named) {
      int lines = Files.readAllLines(ROOT.resolve(file)).size();
      if (lines > READING_CAP) {
        faults.add(file + ": " + lines + " lines (expected: <= " + READING_CAP + ")");
      }
    }
    assertThat(named).as("files that the reading order links").hasSizeGreaterThanOrEqualTo(10);
    assertThat(faults).isEmpty();
  }

  @Test
  void noClassHasANameThatSaysNothing() throws IOException {
    List<String> faults = new ArrayList<>();
    for (Path file : sources(".java")) {
      String name = file.getFileName().toString().replace(".java", "");
      for (String word : name.split("(?=[A-Z])")) {
        if (BANNED.contains(word)) {
          faults.add(file + ": " + word);
        }
      }
    }
    assertThat(faults).isEmpty();
  }

  @Test
  void everyMainPackageSaysWhatItIs() throws IOException {
    Set<Path> packages = new TreeSet<>();
    for (Path file : sources("src/main/java/", ".java")) {
      packages.add(file.getParent());
    }
    List<String> faults = new ArrayList<>();
    for (Path directory : packages) {
      Path info = directory.resolve("package-info.java");
      if (!Files.exists(info)) {
        faults.add(info + ": missing");
        continue;
      }
      String text = Files.readString(info);
      if (!text.contains("@NullMarked") || !text.contains("/**")) {
        faults.add(info + ": (expected: Javadoc and @NullMarked)");
      }
    }
    assertThat(faults).isEmpty();
  }

  @Test
  void nothingIsLeftForLaterWithoutAnIssue() throws IOException {
    List<String> faults = new ArrayList<>();
    for (Path file : sources()) {
      if (file.endsWith("SourceRulesTest.java")) {
        continue;
      }
      int line = 0;
      for (String text : Files.readAllLines(file)) {
        line++;
        if (OPEN_END.matcher(text).find()) {
          faults.add(file + ":" + line + ": " + text.strip());
        }
      }
    }
    assertThat(faults).isEmpty();
  }

  @Test
  void testsNeitherSleepNorMock() throws IOException {
    Pattern sleep = Pattern.compile("Thread\\.sleep|org\\.mockito");
    List<String> faults = new ArrayList<>();
    for (Path file : sources("src/test/java/", ".java")) {
      String text = Files.readString(file);
      if (!file.endsWith("SourceRulesTest.java") && sleep.matcher(text).find()) {
        faults.add(file.toString());
      }
    }
    assertThat(faults).isEmpty();
  }
}
