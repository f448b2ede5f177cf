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
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A country database in MaxMind DB format, whole in memory, so that the file may be overwritten
 * while it is in use. Takes the flat schema ({@code country_code}) and GeoIP2's ({@code
 * country.iso_code}, else {@code registered_country.iso_code}).
 *
 * <p>Threading: any thread.
 */
final class CountryDatabase {
  private final Reader reader;
  private final boolean v6;

  /**
   * A country, or that there is none.
   *
   * @param country ISO 3166 code; null if the database does not know
   * @param prefixLength bits of the address that decide
   */
  record Found(@Nullable String country, int prefixLength) {}

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
      return new Found(null, 0);
    }
    try {
      DatabaseRecord<Map> found = reader.getRecord(address, Map.class);
      return new Found(country(found.data()), found.network().prefixLength());
    } catch (IOException | RuntimeException e) {
      return new Found(null, address.getAddress().length * 8);
    }
  }

  private static @Nullable String country(@Nullable Map<?, ?> record) {
    if (record == null) {
      return null;
    }
    if (record.get("country_code") instanceof String code) {
      return code;
    }
    for (String key : new String[] {"country", "registered_country"}) {
      if (record.get(key) instanceof Map<?, ?> country
          && country.get("iso_code") instanceof String code) {
        return code;
      }
    }
    return null;
  }
}
