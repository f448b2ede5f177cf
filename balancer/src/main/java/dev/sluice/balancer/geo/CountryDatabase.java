package dev.sluice.balancer.geo;

import com.maxmind.db.CHMCache;
import com.maxmind.db.DatabaseRecord;
import com.maxmind.db.Reader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A country database in MaxMind DB format, whole in memory, so that the file may be overwritten
 * while it is in use. Takes the flat schema ({@code country_code} or {@code country}, {@code
 * continent_code} or {@code continent}) and GeoIP2's ({@code country.iso_code}, {@code
 * continent.code}; with neither, {@code registered_country.iso_code}).
 *
 * <p>Threading: any thread.
 */
final class CountryDatabase {
  private final Reader reader;
  private final boolean v6;

  /**
   * What is known of an address.
   *
   * @param country ISO 3166 code; null if the database does not know
   * @param continent two-letter code; null if the database does not say
   * @param prefixLength bits of the address that decide
   */
  record Found(@Nullable String country, @Nullable String continent, int prefixLength) {}

  private CountryDatabase(Reader reader) {
    this.reader = reader;
    this.v6 = reader.getMetadata().ipVersion() == 6;
  }

  /**
   * Reads a file whole.
   *
   * @throws IOException if it cannot be read or is no such database
   */
  static CountryDatabase open(Path file) throws IOException {
    try {
      byte[] all = Files.readAllBytes(file);
      CountryDatabase database =
          new CountryDatabase(new Reader(new ByteArrayInputStream(all), new CHMCache()));
      database.reader.get(InetAddress.ofLiteral("192.0.2.1"), Map.class);
      return database;
    } catch (RuntimeException e) {
      throw new IOException(file + " is not a MaxMind DB: " + e.getMessage(), e);
    }
  }

  /** When its maker built it. */
  Instant built() {
    return reader.getMetadata().buildTime();
  }

  /** What its maker calls it. */
  String type() {
    return reader.getMetadata().databaseType();
  }

  /** The country of an address; a damaged database knows none. */
  @SuppressWarnings("rawtypes")
  Found find(InetAddress address) {
    if (!v6 && address.getAddress().length == 16) {
      return new Found(null, null, 0);
    }
    try {
      DatabaseRecord<Map> found = reader.getRecord(address, Map.class);
      return found(found.data(), found.network().prefixLength());
    } catch (IOException | RuntimeException e) {
      return new Found(null, null, address.getAddress().length * 8);
    }
  }

  /** Where a network was registered is taken only if nothing says where it is. */
  private static Found found(@Nullable Map<?, ?> record, int prefixLength) {
    if (record == null) {
      return new Found(null, null, prefixLength);
    }
    String country = country(record);
    String continent = continent(record);
    if (country == null && continent == null) {
      country = text(record, "registered_country", "iso_code");
    }
    return new Found(country, continent, prefixLength);
  }

  private static @Nullable String text(Map<?, ?> record, String key) {
    return record.get(key) instanceof String code ? code.toUpperCase(Locale.ROOT) : null;
  }

  private static @Nullable String text(Map<?, ?> record, String key, String inner) {
    return record.get(key) instanceof Map<?, ?> nested ? text(nested, inner) : text(record, key);
  }

  private static @Nullable String country(Map<?, ?> record) {
    String code = text(record, "country_code");
    return code == null ? text(record, "country", "iso_code") : code;
  }

  private static @Nullable String continent(Map<?, ?> record) {
    String code = text(record, "continent_code");
    return code == null ? text(record, "continent", "code") : code;
  }
}
