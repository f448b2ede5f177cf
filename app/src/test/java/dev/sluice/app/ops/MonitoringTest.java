package dev.sluice.app.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.sluice.app.ops.Repository.Run;
import dev.sluice.chassis.metrics.MeterDoc;
import dev.sluice.chassis.metrics.MeterType;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The dashboard and the alerts ask for meters and tags that the servers really have. */
class MonitoringTest {
  private static final Path MONITORING = Repository.root().resolve("ansible/monitoring");
  private static final Pattern METER =
      Pattern.compile("\\b((?:sluice|jvm|process|system)_[a-z0-9_]+)(?:\\{([^}]*)\\})?");
  private static final Pattern MATCHER = Pattern.compile("([a-z_]+)\\s*(?:=~|!~|!=|=)");
  private static final Map<String, Set<String>> METERS = meters();
  private static final Set<String> LABELS_OF_THE_SCRAPE =
      Set.of("job", "instance", "node", "role", "region", "le", "id", "area");

  @Test
  void everyExpressionOfTheDashboardNamesMetersThatExist() throws Exception {
    List<String> faults = new ArrayList<>();
    for (String expression : dashboardExpressions()) {
      check(expression, faults);
    }
    assertThat(faults).isEmpty();
  }

  @Test
  void everyExpressionOfTheRulesNamesMetersThatExist() throws Exception {
    List<String> faults = new ArrayList<>();
    Object file =
        new Load(LoadSettings.builder().build())
            .loadFromString(Files.readString(MONITORING.resolve("sluice.rules.yml")));
    List<String> expressions = new ArrayList<>();
    collect("expr", file, expressions);
    for (String expression : expressions) {
      check(expression, faults);
    }
    assertThat(expressions).hasSizeGreaterThan(5);
    assertThat(faults).isEmpty();
  }

  @Test
  void prometheusAcceptsTheScrapeConfigurationAndTheRules() throws Exception {
    String promtool = Tool.require("promtool");
    for (String[] what :
        new String[][] {{"config", "prometheus.yml"}, {"rules", "sluice.rules.yml"}}) {
      Run run = Repository.run(MONITORING, List.of(promtool, "check", what[0], what[1]));
      assertThat(run.status()).as(run.output()).isZero();
    }
  }

  @Test
  void prometheusCanParseWhatTheDashboardAsks(@TempDir Path directory) throws Exception {
    StringBuilder rules = new StringBuilder("groups:\n- name: dashboard\n  rules:\n");
    int number = 0;
    for (String expression : dashboardExpressions()) {
      rules.append("  - record: panel:").append(number++).append("\n    expr: ");
      rules.append(new JsonMapper().writeValueAsString(filledIn(expression))).append('\n');
    }
    Path file = Files.writeString(directory.resolve("dashboard.rules.yml"), rules);
    Run run =
        Repository.run(
            directory, List.of(Tool.require("promtool"), "check", "rules", file.toString()));
    assertThat(run.status()).as(run.output()).isZero();
  }

  @Test
  void panelsOfTheDashboardDoNotOverlap() throws Exception {
    JsonNode panels = dashboard().get("panels");
    Set<String> cells = new TreeSet<>();
    for (JsonNode panel : panels) {
      JsonNode at = panel.get("gridPos");
      for (int x = 0; x < at.get("w").asInt(); x++) {
        for (int y = 0; y < at.get("h").asInt(); y++) {
          String cell = (at.get("x").asInt() + x) + "," + (at.get("y").asInt() + y);
          assertThat(cells.add(cell)).as("%s at %s", panel.get("title"), cell).isTrue();
        }
      }
      assertThat(at.get("x").asInt() + at.get("w").asInt()).isLessThanOrEqualTo(24);
    }
  }

  /** Every value of a key, however deep. */
  private static void collect(String key, Object in, List<String> found) {
    if (in instanceof List<?> list) {
      list.forEach(item -> collect(key, item, found));
    } else if (in instanceof Map<?, ?> map) {
      map.forEach(
          (name, value) -> {
            if (key.equals(name)) {
              found.add(String.valueOf(value));
            } else {
              collect(key, value, found);
            }
          });
    }
  }

  private static JsonNode dashboard() throws Exception {
    return new JsonMapper().readTree(Files.readString(MONITORING.resolve("grafana-sluice.json")));
  }

  private static List<String> dashboardExpressions() throws Exception {
    List<String> expressions = new ArrayList<>();
    for (JsonNode panel : dashboard().get("panels")) {
      for (JsonNode target : panel.path("targets")) {
        expressions.add(target.get("expr").asString());
      }
    }
    assertThat(expressions).hasSizeGreaterThan(10);
    return expressions;
  }

  private static String filledIn(String expression) {
    return expression.replace("$__rate_interval", "1m").replaceAll("\\$[a-z]+", ".*");
  }

  private static void check(String expression, List<String> faults) {
    Map<String, Set<String>> known = METERS;
    Matcher meter = METER.matcher(expression);
    while (meter.find()) {
      Set<String> tags = known.get(meter.group(1));
      if (tags == null) {
        faults.add(meter.group(1) + " does not exist; asked for by " + expression);
        continue;
      }
      Matcher tag = MATCHER.matcher(meter.group(2) == null ? "" : meter.group(2));
      while (tag.find()) {
        if (!tags.contains(tag.group(1)) && !LABELS_OF_THE_SCRAPE.contains(tag.group(1))) {
          faults.add(meter.group(1) + " has no tag " + tag.group(1) + "; " + expression);
        }
      }
    }
  }

  /** Every name in a scrape with its tags: the documented meters and the JVM's. */
  private static Map<String, Set<String>> meters() {
    Map<String, Set<String>> names = new HashMap<>();
    for (JavaClass type :
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.sluice")) {
      if (type.isEnum() && type.isAssignableTo(MeterDoc.class)) {
        for (Object constant : type.reflect().getEnumConstants()) {
          MeterDoc doc = (MeterDoc) constant;
          Set<String> tags = Set.copyOf(doc.tags());
          if (doc.type() == MeterType.TIMER) {
            for (String suffix : List.of("_bucket", "_count", "_sum", "_max")) {
              names.put(doc.meterName() + suffix, tags);
            }
          } else {
            names.put(doc.meterName(), tags);
          }
        }
      }
    }
    try (Meters jvm = new Meters()) {
      System.gc(); // the meter of pauses is there from the first pause on
      Await.until(Duration.ofSeconds(10), "a pause", () -> jvm.scrape().contains("jvm_gc_pause"));
      Arrays.stream(jvm.scrape().split("\n"))
          .filter(line -> !line.startsWith("#"))
          .forEach(line -> names.put(line.split("[{ ]", 2)[0], Set.of()));
    }
    return names;
  }
}
