package dev.sluice.balancer.geo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is refused before it is used, and that what passes never fails a lookup. */
class CountryDatabaseTest {
  private static final byte[] GOOD =
      new MmdbWriter(6, 1)
          .add("81.2.69.0/24", Map.of("country", Map.of("iso_code", "GB"), "names", List.of("x")))
          .add("24.0.0.0/8", Map.of("country_code", "US"))
          .add("2a00::/12", Map.of("continent", Map.of("code", "EU")))
          .bytes();

  @TempDir Path dir;
  private final List<String> failed = new ArrayList<>();

  @Test
  void aFileCutAtAnyLengthIsRefused() throws Exception {
    assertThat(open(GOOD).find(InetAddress.ofLiteral("81.2.69.1")).country()).isEqualTo("GB");
    for (int length = 0; length < GOOD.length; length++) {
      byte[] cut = Arrays.copyOf(GOOD, length);
      assertThatThrownBy(() -> open(cut)).as("%d bytes", length).isInstanceOf(IOException.class);
    }
  }

  @Test
  void whatPassesNeverFailsALookupHoweverItWasDamaged() throws Exception {
    Random random = new Random(5);
    int refused = 0;
    for (int round = 0; round < 3000; round++) {
      byte[] damaged = GOOD.clone();
      for (int i = 0; i <= random.nextInt(3); i++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      try {
        CountryDatabase database = open(damaged);
        for (String address : List.of("81.2.69.1", "24.1.1.1", "9.9.9.9", "2a01::1", "::1")) {
          database.find(InetAddress.ofLiteral(address));
        }
        for (int i = 0; i < 50; i++) {
          byte[] any = new byte[i % 2 == 0 ? 4 : 16];
          random.nextBytes(any);
          database.find(InetAddress.getByAddress(any));
        }
      } catch (IOException e) {
        refused++;
      }
    }
    assertThat(failed).isEmpty();
    assertThat(refused).isBetween(300, 2900);
  }

  @Test
  void aTreeThatTurnsInACircleIsRefused() {
    byte[] circle = GOOD.clone();
    Arrays.fill(circle, 0, 6, (byte) 0); // both records of the first node lead to itself
    assertThatThrownBy(() -> open(circle)).hasMessageContaining("in a circle");
  }

  @Test
  void aDatabaseOfSomethingElseIsRefused() {
    byte[] networks =
        new MmdbWriter(4, 1).add("81.0.0.0/8", Map.of("autonomous_system_number", 3320)).bytes();
    assertThatThrownBy(() -> open(networks))
        .hasMessageContaining("Sluice-Test (expected: a database that knows countries)");
  }

  @Test
  void aLookupThatFailsAllTheSameIsCountedAndKnowsNothing() throws Exception {
    byte[] damaged = GOOD.clone();
    int data = new String(damaged, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("GB");
    damaged[data - 1] = (byte) 0xff; // the length of the text
    CountryDatabase database = CountryDatabase.unchecked(damaged, failed::add);

    assertThat(database.find(InetAddress.ofLiteral("81.2.69.1")))
        .isEqualTo(new CountryDatabase.Found(null, null, 32));
    assertThat(failed).hasSize(1).first().asString().startsWith("81.2.69.1: ");
    assertThatThrownBy(() -> open(damaged)).isInstanceOf(IOException.class);
  }

  private CountryDatabase open(byte[] bytes) throws IOException {
    return CountryDatabase.open(Files.write(dir.resolve("geo.mmdb"), bytes), failed::add);
  }
}
