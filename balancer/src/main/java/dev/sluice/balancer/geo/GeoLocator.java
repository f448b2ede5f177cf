package dev.sluice.balancer.geo;

import dev.sluice.balancer.routing.Location;
import dev.sluice.balancer.routing.Location.Source;
import dev.sluice.chassis.config.Cidr;
import java.net.InetAddress;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the region of an address: the operator's networks first (longest prefix), then the country
 * in the database, then the continent of that country, else the default region. A network of the
 * operator's is never beaten by the database, however fine the latter is.
 *
 * <p>Threading: any thread. The database is one reference, replaced whole.
 */
public final class GeoLocator {
  private final NetworkTable<Named> networks = new NetworkTable<>();
  private final Map<String, String> regionOfCountry = new HashMap<>();
  private final Map<String, String> regionOfContinent = new HashMap<>();
  private final Map<String, String> continents = Continents.load();
  private final String defaultRegion;
  private volatile @Nullable CountryDatabase database;

  private record Named(String region, Cidr network) {}

  /**
   * A locator without a database.
   *
   * @param regions by name
   * @param defaultRegion for addresses of which nothing is known; empty = the first of the regions
   * @throws IllegalArgumentException if two regions claim the same network, country or continent,
   *     or a region is named that does not exist
   */
  public GeoLocator(Map<String, RegionConfig> regions, String defaultRegion) {
    this.defaultRegion =
        !defaultRegion.isEmpty() || regions.isEmpty()
            ? defaultRegion
            : new TreeMap<>(regions).firstKey();
    if (!defaultRegion.isEmpty() && !regions.isEmpty() && !regions.containsKey(defaultRegion)) {
      throw new IllegalArgumentException(
          "geo.defaultRegion: " + defaultRegion + " (expected: " + names(regions) + ")");
    }
    Map<Cidr, String> claimed = new HashMap<>();
    regions.forEach(
        (region, config) -> {
          config.networks().forEach(network -> claim(claimed, network, region));
          config.countries().forEach(country -> claim(regionOfCountry, country, region));
          config.continents().forEach(continent -> claim(regionOfContinent, continent, region));
          config.fallback().stream()
              .filter(other -> !regions.containsKey(other))
              .findFirst()
              .ifPresent(
                  other -> {
                    throw new IllegalArgumentException(
                        "regions."
                            + region
                            + ".fallback: "
                            + other
                            + " (expected: "
                            + names(regions)
                            + ")");
                  });
        });
    claimed.forEach((network, region) -> networks.put(network, new Named(region, network)));
    EmbeddedAddress.NETWORKS.forEach(network -> networks.put(network, null));
  }

  /**
   * Rejects regions that contradict each other.
   *
   * @throws IllegalArgumentException as the constructor
   */
  public static void check(Map<String, RegionConfig> regions, String defaultRegion) {
    GeoLocator checked = new GeoLocator(regions, defaultRegion);
    assert checked.database == null;
  }

  private static String names(Map<String, RegionConfig> regions) {
    return "one of the regions " + String.join(", ", new TreeMap<>(regions).keySet());
  }

  private static <K> void claim(Map<K, String> claims, K what, String region) {
    String other = claims.put(what, region);
    if (other != null && !other.equals(region)) {
      throw new IllegalArgumentException(what + " is in two regions: " + other + " and " + region);
    }
  }

  /** The location of an address. */
  public Location locate(InetAddress address) {
    EmbeddedAddress inner = EmbeddedAddress.of(address);
    NetworkTable.Match<Named> match = networks.find(inner.address());
    int bits = match.uniformBits();
    Named named = match.value();
    if (named != null) {
      return new Location(
          named.region, Source.NETWORK, named.network.toString(), inner.offset() + bits);
    }
    CountryDatabase current = database;
    if (current == null) {
      return new Location(defaultRegion, Source.DEFAULT, "", inner.offset() + bits);
    }
    CountryDatabase.Found found = current.find(inner.address());
    bits = inner.offset() + Math.max(bits, found.prefixLength());
    String country = found.country();
    if (country == null) {
      return new Location(defaultRegion, Source.DEFAULT, "", bits);
    }
    String region = regionOfCountry.get(country);
    if (region != null) {
      return new Location(region, Source.COUNTRY, country, bits);
    }
    String continent = continents.getOrDefault(country, "");
    region = regionOfContinent.get(continent);
    if (region != null) {
      return new Location(region, Source.CONTINENT, country + " in " + continent, bits);
    }
    return new Location(defaultRegion, Source.DEFAULT, country, bits);
  }

  /** When the database in use was built; null without one. */
  public @Nullable Instant databaseBuilt() {
    CountryDatabase current = database;
    return current == null ? null : current.built();
  }

  void use(CountryDatabase next) {
    database = next;
  }
}
