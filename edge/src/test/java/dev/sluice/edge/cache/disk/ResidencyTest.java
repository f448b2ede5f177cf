package dev.sluice.edge.cache.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResidencyTest {

  @Test
  void whatWasJustWrittenIsInMemory(@TempDir Path dir) throws Exception {
    Path file = Files.write(dir.resolve("a"), new byte[3_000_000]);
    try (NativeFile opened = NativeFile.open(file)) {
      Residency residency = new Residency(opened, file);
      assertThat(residency.resident(0, 3_000_000)).isTrue();
      assertThat(residency.resident(2_999_999, 1)).isTrue();
    }
  }

  @Test
  void aFileThatCannotBeOpenedCountsAsInMemory(@TempDir Path dir) {
    Path none = dir.resolve("none");
    try (NativeFile opened = NativeFile.open(none)) {
      Residency residency = new Residency(opened, none);
      assertThat(residency.resident(0, 1)).isTrue();
    }
  }
}
