package dev.sluice.app.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.app.demo.DemoFleet;
import dev.sluice.app.demo.DemoOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What axe-core finds on the page and in the player, light and dark; skipped where {@code
 * scripts/fetch-web-tools} has not fetched it.
 */
@Tag("browser")
class AccessibilityTest {
  private static final Path AXE =
      Path.of(System.getProperty("sluice.root", ".."), "data", "web-tools", "axe.min.js");
  private static final String FOUND =
      "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']})"
          + ".then((result) => result.violations.map((fault) =>"
          + " fault.id + ': ' + fault.nodes.map((node) => node.html.slice(0, 120)).join(' | '))"
          + ".join('\\n'))";

  @TempDir private static Path profile;
  private static DemoFleet fleet;
  private static Chromium page;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(Files.exists(AXE), "no " + AXE + ": run scripts/fetch-web-tools");
    page = new Chromium(profile);
    fleet = DemoFleet.start(DemoOptions.FREE.publishing());
  }

  @AfterAll
  static void stop() {
    if (page != null) {
      page.close();
    }
    if (fleet != null) {
      fleet.close();
    }
  }

  private static String faults() throws Exception {
    page.value(Files.readString(AXE) + "; 0");
    return page.value(FOUND).asString();
  }

  @Test
  void thePageHasNoFaultInLightOrDark() throws Exception {
    for (String scheme : new String[] {"light", "dark"}) {
      page.prefers("prefers-color-scheme", scheme);
      page.open(fleet.balancerUrl() + "/?play=live/demo");
      page.await("it plays", "document.getElementById('status').dataset.state === 'playing'");
      assertThat(faults()).as(scheme).isEmpty();
    }
  }

  @Test
  void thePlayerAloneHasNoFaultWhileItPlaysWithFiguresOrAFileOrNothing() throws Exception {
    page.open(fleet.balancerUrl() + "/embed/demo");
    page.await("it plays", "document.body.dataset.state === 'playing'");
    page.press("i");
    page.await("the figures", "document.querySelectorAll('.panel dt').length > 5");
    assertThat(faults()).as("live, with figures").isEmpty();
    page.open(fleet.balancerUrl() + "/embed/vod/demo.flv");
    page.await("it plays", "document.body.dataset.state === 'playing'");
    assertThat(faults()).as("a file").isEmpty();
    page.open(fleet.balancerUrl() + "/embed/nobody");
    page.await("it says so", "document.body.dataset.state === 'failed'");
    assertThat(faults()).as("nothing there").isEmpty();
  }
}
