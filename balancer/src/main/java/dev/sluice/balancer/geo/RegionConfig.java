package dev.sluice.balancer.geo;

import dev.sluice.chassis.config.Cidr;
import dev.sluice.chassis.config.Setting;
import java.util.List;

/** One region: whom it serves, and who steps in for it. */
public record RegionConfig(
    @Setting(
            doc = "Client networks of this region; the longest prefix of all regions wins.",
            def = "",
            example = "10.1.0.0/16, 2001:db8:1::/48")
        List<Cidr> networks,
    @Setting(
            doc = "Countries of this region, ISO 3166 two-letter codes.",
            def = "",
            example = "DE, FR")
        List<String> countries,
    @Setting(
            doc =
                "Continents whose countries are in this region unless a region lists them: AF, AN,"
                    + " AS, EU, NA, OC, SA.",
            def = "",
            example = "EU, AF")
        List<String> continents,
    @Setting(doc = "Regions to use, in order, when this one has no room.", def = "", example = "us")
        List<String> fallback) {

  /** Copies the lists and rejects codes that do not exist. */
  public RegionConfig {
    networks = List.copyOf(networks);
    countries = List.copyOf(countries);
    continents = List.copyOf(continents);
    fallback = List.copyOf(fallback);
    for (String country : countries) {
      if (!country.matches("[A-Z]{2}")) {
        throw new IllegalArgumentException(
            "countries: " + country + " (expected: two capital letters such as DE)");
      }
    }
    for (String continent : continents) {
      if (!Continents.CODES.contains(continent)) {
        throw new IllegalArgumentException(
            "continents: " + continent + " (expected: some of " + Continents.CODES + ")");
      }
    }
  }
}
