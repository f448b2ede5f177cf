package dev.sluice.balancer.geo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Which continent a country lies on, by ISO 3166 code, from the list {@code continents.txt}. */
final class Continents {
  static final Set<String> CODES = new TreeSet<>(Set.of("AF", "AN", "AS", "EU", "NA", "OC", "SA"));

  private Continents() {}

  /** Country to continent. */
  static Map<String, String> load() {
    Map<String, String> continents = new HashMap<>();
    try (InputStream in = Continents.class.getResourceAsStream("continents.txt")) {
      if (in == null) {
        throw new IllegalStateException("continents.txt is missing from the build");
      }
      new String(in.readAllBytes(), StandardCharsets.US_ASCII)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .forEach(
              line -> {
                for (String country : line.substring(3).strip().split(" +")) {
                  continents.put(country, line.substring(0, 2));
                }
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Map.copyOf(continents);
  }
}
