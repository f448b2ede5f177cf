package dev.sluice.app.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the pages say exists, exists. */
class DocsTest {
  private static final Pattern LINK =
      Pattern.compile("\\[[^\\]]*\\]\\(([^)\\s#]*)(?:#([^)\\s]*))?\\)");
  private static final Pattern COMMAND = Pattern.compile("\\./sluice ([a-z]+)");
  private static final Pattern LAUNCHER_COMMAND = Pattern.compile("(?m)^    ([a-z]+)\\)");
  private static final Pattern SUBCOMMAND =
      Pattern.compile("(?m)@Command\\(\\s*name = \"([a-z]+)\"");

  @Test
  void everyLinkLeadsToAFileAndItsHeading() throws Exception {
    List<String> broken = new ArrayList<>();
    for (Path page : Repository.pages()) {
      Matcher link = LINK.matcher(withoutCode(Files.readString(page)));
      while (link.find()) {
        if (link.group(1).matches("[a-z]+:.*")) {
          continue;
        }
        Path target = page.resolveSibling(link.group(1)).normalize();
        target = link.group(1).isEmpty() ? page : target;
        if (!Files.exists(target)) {
          broken.add(page + " -> " + link.group());
        } else if (link.group(2) != null && !headings(target).contains(link.group(2))) {
          broken.add(page + " -> " + link.group() + " (no such heading)");
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void everyCommandOfTheLauncherExists() throws Exception {
    Set<String> known = new TreeSet<>();
    Matcher ofLauncher =
        LAUNCHER_COMMAND.matcher(Files.readString(Repository.root().resolve("sluice")));
    while (ofLauncher.find()) {
      known.add(ofLauncher.group(1));
    }
    Path commands = Repository.root().resolve("app/src/main/java/dev/sluice/app");
    try (var files = Files.walk(commands)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
        Matcher name = SUBCOMMAND.matcher(Files.readString(file));
        while (name.find()) {
          known.add(name.group(1));
        }
      }
    }
    for (Path page : Repository.pages()) {
      Matcher used = COMMAND.matcher(Files.readString(page));
      while (used.find()) {
        assertThat(known).as("%s says %s", page, used.group()).contains(used.group(1));
      }
    }
  }

  @Test
  void theReadmeNamesTheTwoCommandsAndTheReadingOrder() throws Exception {
    assertThat(Files.readString(Repository.root().resolve("README.md")))
        .contains("./sluice demo")
        .contains("./sluice test")
        .contains("## Reading order");
  }

  @Test
  void everyDecisionIsInTheListOfDecisions() throws Exception {
    Path decisions = Repository.root().resolve("docs/decisions");
    String list = Files.readString(decisions.resolve("README.md"));
    try (var files = Files.list(decisions)) {
      assertThat(
              files.map(file -> file.getFileName().toString()).filter(f -> !f.equals("README.md")))
          .allSatisfy(name -> assertThat(list).contains("(" + name + ")"));
    }
  }

  @Test
  void everyDecisionHasANumberOfItsOwn() throws Exception {
    try (var files = Files.list(Repository.root().resolve("docs/decisions"))) {
      assertThat(
              files
                  .map(file -> file.getFileName().toString())
                  .filter(name -> !name.equals("README.md"))
                  .map(name -> name.substring(0, 4)))
          .isNotEmpty()
          .doesNotHaveDuplicates()
          .allMatch(number -> number.matches("\\d{4}"));
    }
  }

  private static String withoutCode(String markdown) {
    return markdown.replaceAll("(?s)```.*?```", "").replaceAll("`[^`\n]*`", "");
  }

  /** Headings as links name them: lower case, words joined by hyphens, no punctuation. */
  private static Set<String> headings(Path page) throws Exception {
    Set<String> anchors = new TreeSet<>();
    for (String line : Files.readAllLines(page)) {
      if (line.startsWith("#")) {
        String text = line.replaceAll("^#+ *", "").toLowerCase(Locale.ROOT);
        anchors.add(text.replaceAll("[^\\p{L}\\p{N}_ -]", "").replace(' ', '-'));
      }
    }
    return anchors;
  }
}
