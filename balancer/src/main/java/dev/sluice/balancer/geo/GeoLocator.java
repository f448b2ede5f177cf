package dev.sluice.balancer.geo;

import dev.sluice.balancer.routing.EmbeddedAddress;
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
 * in the database, then the continent, else the default region. A network of the operator's is
 * never beaten by the database, however fine the latter is.
 *
 * <p>Threading: any thread. The database is one reference, replaced whole.
 */
public final class GeoLocator {
  /** Java has no such addresses, but a shorter prefix of IPv6 must not be said to hold for them. */
  private static final byte[] IPV4_MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 0, 0, 0, 0};

  private static final int IPV4_MAPPED_BITS = 96;

  private final NetworkTable<Named> networks = new NetworkTable<>();
  private final NetworkTable<Cidr> special = new NetworkTable<>();
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
    for (Cidr network : EmbeddedAddress.NETWORKS) {
      networks.border(network.network().getAddress(), network.prefixLength());
    }
    networks.border(IPV4_MAPPED, IPV4_MAPPED_BITS);
    SpecialNetworks.ALL.forEach(network -> special.put(network, network));
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

  /**
   * The location of an address. It depends on {@link Location#prefixLength} bits of it and no more,
   * whatever says so: networks, database, special-purpose networks and those with an IPv4 address
   * inside are all taken into account.
   */
  public Location locate(InetAddress address) {
    EmbeddedAddress inner = EmbeddedAddress.of(address);
    NetworkTable.Match<Named> own = networks.find(inner.address());
    int bits = inner.offset() + own.uniformBits();
    Named named = own.value();
    if (inner.offset() > 0) {
      NetworkTable.Match<Named> outer = networks.find(address);
      bits = Math.max(bits, outer.uniformBits());
      named = longer(named, inner.offset(), inside(outer.value()));
    }
    if (named != null) {
      return new Location(named.region, Source.NETWORK, named.network.toString(), bits);
    }
    CountryDatabase current = database;
    String detail = "";
    if (current != null) {
      CountryDatabase.Found found = current.find(inner.address());
      bits = Math.max(bits, inner.offset() + found.prefixLength());
      Location known = known(found, bits);
      if (known != null) {
        return known;
      }
      detail = found.country() == null ? "" : found.country();
    }
    if (detail.isEmpty()) {
      NetworkTable.Match<Cidr> nowhere = special.find(inner.address());
      bits = Math.max(bits, inner.offset() + nowhere.uniformBits());
      if (nowhere.value() != null) {
        return new Location(defaultRegion, Source.SPECIAL, nowhere.value().toString(), bits);
      }
    }
    return new Location(defaultRegion, Source.DEFAULT, detail, bits);
  }

  /**
   * A network of the operator's that holds all of a transition mechanism, such as {@code ::/0}, is
   * about IPv6; one of the mechanism's own addresses is about these.
   */
  private static @Nullable Named inside(@Nullable Named outer) {
    for (Cidr network : EmbeddedAddress.NETWORKS) {
      if (outer != null
          && outer.network.prefixLength() >= network.prefixLength()
          && network.contains(outer.network.network())) {
        return outer;
      }
    }
    return null;
  }

  private static @Nullable Named longer(@Nullable Named inner, int offset, @Nullable Named outer) {
    if (inner == null || outer == null) {
      return inner == null ? outer : inner;
    }
    return offset + inner.network.prefixLength() < outer.network.prefixLength() ? outer : inner;
  }

  private @Nullable Location known(CountryDatabase.Found found, int bits) {
    String country = found.country();
    String continent = found.continent();
    String detail = "continent " + continent;
    if (country != null) {
      String region = regionOfCountry.get(country);
      if (region != null) {
        return new Location(region, Source.COUNTRY, country, bits);
      }
      continent = continents.getOrDefault(country, continent == null ? "" : continent);
      detail = country + " in " + continent;
    }
    String region = continent == null ? null : regionOfContinent.get(continent);
    return region == null ? null : new Location(region, Source.CONTINENT, detail, bits);
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
