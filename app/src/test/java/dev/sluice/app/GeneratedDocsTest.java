package dev.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.sluice.chassis.metrics.MeterDoc;
import dev.sluice.chassis.metrics.MeterReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * docs/config.md and docs/metrics.md say what the code says; a failure names the command that
 * writes the page anew.
 */
class GeneratedDocsTest {
  private static final Path DOCS = Path.of(System.getProperty("sluice.root", ".."), "docs");

  @Test
  void configurationPageIsUpToDate() throws IOException {
    assertThat(Files.readString(DOCS.resolve("config.md")))
        .as("stale: ./sluice config --describe --markdown > docs/config.md")
        .isEqualTo(Roles.markdown());
  }

  @Test
  void metricsPageIsUpToDate() throws IOException {
    assertThat(Files.readString(DOCS.resolve("metrics.md")))
        .as("stale: ./sluice config --metrics > docs/metrics.md")
        .isEqualTo(MeterCatalogue.markdown());
  }

  @Test
  void everyMeterIsInTheCatalogueUnderAGoodName() {
    JavaClasses all =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.sluice");
    Set<String> enums = new TreeSet<>();
    for (JavaClass type : all) {
      if (type.isEnum() && type.isAssignableTo(MeterDoc.class)) {
        enums.add(type.getName());
      }
    }
    Set<String> listed = new TreeSet<>();
    for (MeterDoc meter : MeterCatalogue.all()) {
      listed.add(meter.getClass().getName());
    }
    assertThat(listed).isEqualTo(enums);
    assertThat(MeterReference.faults(MeterCatalogue.all())).isEmpty();
    assertThat(MeterCatalogue.all()).extracting(MeterDoc::meterName).doesNotHaveDuplicates();
  }
}
