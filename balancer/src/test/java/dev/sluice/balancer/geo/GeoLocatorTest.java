package dev.sluice.balancer.geo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.balancer.routing.Location;
import dev.sluice.balancer.routing.Location.Source;
import dev.sluice.chassis.config.Cidr;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeoLocatorTest {
  @TempDir Path dir;

  private static final Map<String, RegionConfig> REGIONS =
      Map.of(
          "eu",
          region(List.of("10.1.0.0/16", "2001:db8:1::/48"), List.of("TR"), List.of("EU", "AF")),
          "us",
          region(List.of("10.0.0.0/8", "10.1.2.0/24"), List.of("CA"), List.of("NA")));

  @Test
  void theLongestNetworkWins() {
    GeoLocator locator = new GeoLocator(REGIONS, "us");

    assertThat(locate(locator, "10.1.9.1").region()).isEqualTo("eu");
    assertThat(locate(locator, "10.1.2.3").region()).isEqualTo("us");
    assertThat(locate(locator, "10.200.0.1").region()).isEqualTo("us");
    assertThat(locate(locator, "2001:db8:1::5"))
        .isEqualTo(new Location("eu", Source.NETWORK, "2001:db8:1:0:0:0:0:0/48", 48));
  }

  @Test
  void withoutADatabaseUnknownAddressesAreInTheDefaultRegion() {
    assertThat(locate(new GeoLocator(REGIONS, "us"), "81.2.69.160"))
        .extracting(Location::region, Location::source)
        .containsExactly("us", Source.DEFAULT);
    assertThat(locate(new GeoLocator(REGIONS, ""), "81.2.69.160").region()).isEqualTo("eu");
  }

  @Test
  void thePrefixLengthIsHowFarTheAnswerHolds() {
    GeoLocator locator = new GeoLocator(REGIONS, "us");
    for (String address : List.of("10.1.2.3", "10.1.3.1", "10.7.0.1", "11.0.0.1", "192.0.2.1")) {
      Location found = locate(locator, address);
      InetAddress network = new Cidr(ip(address), found.prefixLength()).network();
      byte[] last = network.getAddress();
      for (int bit = found.prefixLength(); bit < 32; bit++) {
        last[bit >> 3] |= (byte) (0x80 >> (bit & 7));
      }
      assertThat(locator.locate(network).region()).isEqualTo(found.region());
      assertThat(locate(locator, ip(last)).region()).isEqualTo(found.region());
    }
    assertThat(locate(locator, "10.1.2.3").prefixLength()).isEqualTo(24);
    assertThat(locate(locator, "10.7.0.1").prefixLength()).isEqualTo(14);
  }

  @Test
  void withoutAnyNetworksOnlySpecialPurposeOnesAreToldApart() {
    GeoLocator locator =
        new GeoLocator(Map.of("eu", region(List.of(), List.of(), List.of())), "eu");
    assertThat(locate(locator, "9.9.9.9"))
        .isEqualTo(new Location("eu", Source.DEFAULT, "", 7)); // 10.0.0.0/8 is next to it
    assertThat(locate(locator, "10.9.9.9"))
        .isEqualTo(new Location("eu", Source.SPECIAL, "10.0.0.0/8", 8));
    assertThat(locate(locator, "100.127.0.1").source()).isEqualTo(Source.SPECIAL);
    assertThat(locate(locator, "100.128.0.1").source()).isEqualTo(Source.DEFAULT);
    assertThat(locate(locator, "::1").source()).isEqualTo(Source.SPECIAL);
    assertThat(locate(locator, "fd12::1").source()).isEqualTo(Source.SPECIAL);
    assertThat(locate(locator, "64:ff9b::a09:909"))
        .isEqualTo(new Location("eu", Source.SPECIAL, "10.0.0.0/8", 104));
  }

  @Test
  void usesCountriesThenContinentsOfTheFlatSchema() throws Exception {
    GeoLocator locator =
        withDatabase(
            MmdbWriter.flat(
                1_750_000_000,
                "81.2.69.0/24",
                "GB",
                "78.160.0.0/11",
                "TR",
                "24.0.0.0/8",
                "US",
                "1.0.0.0/24",
                "AU",
                "2a00::/16",
                "DE"));

    assertThat(locate(locator, "81.2.69.160"))
        .isEqualTo(new Location("eu", Source.CONTINENT, "GB in EU", 24));
    assertThat(locate(locator, "78.161.1.1"))
        .isEqualTo(new Location("eu", Source.COUNTRY, "TR", 11));
    assertThat(locate(locator, "24.1.1.1").region()).isEqualTo("us");
    assertThat(locate(locator, "2a00::1"))
        .isEqualTo(new Location("eu", Source.CONTINENT, "DE in EU", 16));
    assertThat(locate(locator, "1.0.0.1"))
        .extracting(Location::source, Location::detail)
        .containsExactly(Source.DEFAULT, "AU");
    assertThat(locate(locator, "9.9.9.9").source()).isEqualTo(Source.DEFAULT);
    assertThat(locator.databaseBuilt()).hasToString("2025-06-15T15:06:40Z");
  }

  @Test
  void usesTheGeoIp2SchemaToo() throws Exception {
    byte[] bytes =
        new MmdbWriter(4, 1)
            .add("81.2.69.0/24", Map.of("country", Map.of("iso_code", "GB")))
            .add("24.0.0.0/8", Map.of("registered_country", Map.of("iso_code", "CA")))
            .add("25.0.0.0/8", Map.of("city", "nowhere"))
            .bytes();
    GeoLocator locator = withDatabase(bytes);

    assertThat(locate(locator, "81.2.69.1").region()).isEqualTo("eu");
    assertThat(locate(locator, "24.2.3.4").detail()).isEqualTo("CA");
    assertThat(locate(locator, "25.2.3.4").source()).isEqualTo(Source.DEFAULT);
    assertThat(locate(locator, "2a00::1").source()).isEqualTo(Source.DEFAULT);
  }

  @Test
  void aRecordWithAContinentAndNoCountryUsesTheContinent() throws Exception {
    byte[] bytes =
        new MmdbWriter(6, 1)
            .add("81.0.0.0/8", Map.of("continent", Map.of("code", "EU")))
            .add("82.0.0.0/8", Map.of("continent_code", "EU"))
            .add("83.0.0.0/8", Map.of("continent", "eu", "country", "fr"))
            .add(
                "84.0.0.0/8",
                Map.of(
                    "continent",
                    Map.of("code", "EU"),
                    "registered_country",
                    Map.of("iso_code", "CA")))
            .add("85.0.0.0/8", Map.of("continent", Map.of("code", "EU"), "country_code", "ZZ"))
            .add("86.0.0.0/8", Map.of("continent", Map.of("code", "OC")))
            .add("24.0.0.0/8", Map.of("country", Map.of("iso_code", "CA"), "continent_code", "EU"))
            .bytes();
    GeoLocator locator = withDatabase(bytes);

    for (String european : List.of("81.1.1.1", "82.1.1.1", "84.1.1.1")) {
      assertThat(locate(locator, european))
          .isEqualTo(new Location("eu", Source.CONTINENT, "continent EU", 8));
    }
    assertThat(locate(locator, "83.1.1.1").detail()).isEqualTo("FR in EU");
    assertThat(locate(locator, "85.1.1.1").detail()).isEqualTo("ZZ in EU");
    assertThat(locate(locator, "86.1.1.1").source()).isEqualTo(Source.DEFAULT);
    assertThat(locate(locator, "24.1.1.1").source()).isEqualTo(Source.COUNTRY);
  }

  @Test
  void anOperatorsNetworkBeatsAFinerCountry() throws Exception {
    GeoLocator locator = withDatabase(MmdbWriter.flat(1, "10.1.3.128/25", "US"));

    assertThat(locate(locator, "10.1.3.200").region()).isEqualTo("eu");
  }

  @Test
  void addressesWithAnIpv4AddressInsideAreLocatedByIt() throws Exception {
    GeoLocator locator = withDatabase(MmdbWriter.flat(1, "81.2.69.0/24", "GB"));

    assertThat(locate(locator, "::ffff:81.2.69.160").region()).isEqualTo("eu");
    assertThat(locate(locator, "2002:5102:45a0::1")) // 6to4: 16 bits before the address
        .isEqualTo(new Location("eu", Source.CONTINENT, "GB in EU", 40));
    assertThat(locate(locator, "64:ff9b::5102:45a0").detail()).isEqualTo("GB in EU");
    assertThat(locate(locator, "2001:0:1:2:3:4:aefd:ba5f").detail()).isEqualTo("GB in EU");
    // A plain IPv6 answer must not be said to hold for those.
    assertThat(locate(locator, "2003::1").prefixLength()).isGreaterThanOrEqualTo(16);
  }

  @Test
  void rejectsContradictingRegions() {
    assertThatThrownBy(
            () ->
                new GeoLocator(
                    Map.of(
                        "a", region(List.of(), List.of("DE"), List.of()),
                        "b", region(List.of(), List.of("DE"), List.of())),
                    ""))
        .hasMessageContaining("DE is in two regions");
    assertThatThrownBy(() -> new GeoLocator(REGIONS, "moon"))
        .hasMessage("geo.defaultRegion: moon (expected: one of the regions eu, us)");
    assertThatThrownBy(
            () ->
                new GeoLocator(
                    Map.of("a", new RegionConfig(List.of(), List.of(), List.of(), List.of("moon"))),
                    ""))
        .hasMessage("regions.a.fallback: moon (expected: one of the regions a)");
    assertThatThrownBy(() -> region(List.of(), List.of("Germany"), List.of()))
        .hasMessageContaining("Germany");
    assertThatThrownBy(() -> region(List.of(), List.of(), List.of("XX")))
        .hasMessageContaining("XX");
  }

  @Test
  void everyContinentHasCountriesAndNoCountryTwo() {
    Map<String, String> continents = Continents.load();
    assertThat(continents).hasSizeBetween(245, 252);
    assertThat(continents.values()).containsAll(Continents.CODES);
    assertThat(continents).containsEntry("GB", "EU").containsEntry("US", "NA");
    assertThat(continents.keySet()).allMatch(c -> c.matches("[A-Z]{2}"));
  }

  private GeoLocator withDatabase(byte[] mmdb) throws Exception {
    Path file = Files.write(dir.resolve("test.mmdb"), mmdb);
    GeoLocator locator = new GeoLocator(REGIONS, "us");
    locator.use(CountryDatabase.open(file, detail -> {}));
    return locator;
  }

  private static RegionConfig region(
      List<String> networks, List<String> countries, List<String> continents) {
    return new RegionConfig(
        networks.stream().map(Cidr::parse).toList(), countries, continents, List.of());
  }

  private static Location locate(GeoLocator locator, String address) {
    return locator.locate(ip(address));
  }

  private static InetAddress ip(String literal) {
    return InetAddress.ofLiteral(literal);
  }

  private static Location locate(GeoLocator locator, InetAddress address) {
    return locator.locate(address);
  }

  private static InetAddress ip(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (java.net.UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
