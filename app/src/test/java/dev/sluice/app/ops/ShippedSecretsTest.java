package dev.sluice.app.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.config.SecretRules;
import dev.sluice.chassis.config.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No secret that stands in a page, an example or the example inventory works outside the demo. */
class ShippedSecretsTest {
  private static final Pattern GIVEN =
      Pattern.compile(
          "(?:Bearer |[?&]key=|(?:[tT]oken|[sS]ecret|[kK]ey|vault_\\w+): ?\"?)([A-Za-z0-9_-]+)");

  record OneSecret(@Setting(doc = "It.", def = "") Secret adminToken) {}

  @Test
  void everySecretInPagesAndExamplesIsRefused() throws IOException {
    List<String> found = new ArrayList<>();
    List<String> taken = new ArrayList<>();
    for (Path page : pages()) {
      Matcher given = GIVEN.matcher(Files.readString(page));
      while (given.find()) {
        String text = given.group(1);
        if (!text.equals("file")) {
          found.add(text);
          OneSecret config = new OneSecret(Secret.of(text));
          if (SecretRules.faults(config, page, Map.of("SLUICE_ADMIN_TOKEN", text)).isEmpty()) {
            taken.add(page + ": " + text);
          }
        }
      }
    }
    assertThat(found).contains("demo", "change-me-signed-urls");
    assertThat(taken).as("would be taken by a server").isEmpty();
  }

  private static List<Path> pages() throws IOException {
    Path root = Repository.root();
    List<Path> pages = new ArrayList<>(List.of(root.resolve("README.md")));
    for (String directory :
        List.of("docs", "app/src/main/resources/examples", "ansible/inventory")) {
      try (Stream<Path> files = Files.walk(root.resolve(directory))) {
        files.filter(Files::isRegularFile).forEach(pages::add);
      }
    }
    return pages;
  }
}
