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
import java.util.function.Consumer;
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
  private final Consumer<String> failed;

  /**
   * What is known of an address.
   *
   * @param country ISO 3166 code; null if the database does not know
   * @param continent two-letter code; null if the database does not say
   * @param prefixLength bits of the address that decide
   */
  record Found(@Nullable String country, @Nullable String continent, int prefixLength) {}

  private CountryDatabase(Reader reader, Consumer<String> failed) {
    this.reader = reader;
    this.v6 = reader.getMetadata().ipVersion() == 6;
    this.failed = failed;
  }

  /**
   * Reads a file whole and looks at all of it, so that what is used later is not damaged.
   *
   * @param failed told of each lookup that fails all the same
   * @throws IOException if it cannot be read, is no such database, is damaged, knows no country, or
   *     is larger than a quarter of the heap, as the old and the new are in use for a while
   */
  static CountryDatabase open(Path file, Consumer<String> failed) throws IOException {
    long most = Runtime.getRuntime().maxMemory() / 4;
    if (Files.size(file) > most) {
      throw new IOException(
          file + ": " + Files.size(file) + " bytes (expected: at most " + most + ", heap / 4)");
    }
    try {
      byte[] all = Files.readAllBytes(file);
      CountryDatabase database = unchecked(all, failed);
      boolean known = false;
      for (InetAddress address : DatabaseCheck.check(all, database.reader.getMetadata())) {
        Found found = database.lookUp(address);
        known |= found.country() != null || found.continent() != null;
      }
      if (!known) {
        throw new IOException(
            file + ": " + database.type() + " (expected: a database that knows countries)");
      }
      return database;
    } catch (RuntimeException e) {
      throw new IOException(file + " is not a MaxMind DB: " + e.getMessage(), e);
    }
  }

  /** A database that may be damaged, so that lookups may fail. */
  static CountryDatabase unchecked(byte[] all, Consumer<String> failed) throws IOException {
    return new CountryDatabase(new Reader(new ByteArrayInputStream(all), new CHMCache()), failed);
  }

  /** When its maker built it. */
  Instant built() {
    return reader.getMetadata().buildTime();
  }

  /** What its maker calls it. */
  String type() {
    return reader.getMetadata().databaseType();
  }

  /** What is known of an address; where a lookup fails, nothing. */
  Found find(InetAddress address) {
    if (!v6 && address.getAddress().length == 16) {
      return new Found(null, null, 0);
    }
    try {
      return lookUp(address);
    } catch (IOException | RuntimeException e) {
      failed.accept(address.getHostAddress() + ": " + e);
      return new Found(null, null, address.getAddress().length * 8);
    }
  }

  @SuppressWarnings("rawtypes")
  private Found lookUp(InetAddress address) throws IOException {
    DatabaseRecord<Map> found = reader.getRecord(address, Map.class);
    return found(found.data(), found.network().prefixLength());
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
    return record.get(key) instanceof String code && code.length() == 2
        ? code.toUpperCase(Locale.ROOT)
        : null;
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
