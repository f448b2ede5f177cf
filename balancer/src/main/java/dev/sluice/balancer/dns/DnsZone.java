package dev.sluice.balancer.dns;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Master;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * What the zone holds: SOA, NS, fixed records, and names that stand for edges. Equal configurations
 * give equal zones, SOA serial included, on every balancer. Immutable and pure.
 */
final class DnsZone {
  private static final int REFRESH_SECONDS = 3600;
  private static final int RETRY_SECONDS = 600;
  private static final int EXPIRE_SECONDS = 604_800;

  private final Name origin;
  private final SOARecord soa;
  private final SOARecord negative;
  private final Set<Name> edgeNames = new HashSet<>();
  private final Map<Name, Map<Integer, List<Record>>> fixed = new HashMap<>();

  /** Every name that exists, empty non-terminals included (RFC 8020). */
  private final Set<Name> existing = new HashSet<>();

  DnsZone(DnsConfig config) {
    this(
        config.zone(),
        config.nameServers(),
        config.edgeNames(),
        config.records(),
        config.recordTtl().toSeconds(),
        config.negativeTtl().toSeconds());
  }

  private DnsZone(
      String zone,
      List<String> nameServers,
      List<String> edges,
      List<String> records,
      long recordTtl,
      long negativeTtl) {
    this.origin = name(zone, Name.root);
    if (nameServers.isEmpty()) {
      throw new IllegalArgumentException("dns.nameServers: none (expected: at least one name)");
    }
    CRC32 serial = new CRC32();
    serial.update((zone + nameServers + edges + records).getBytes(StandardCharsets.UTF_8));
    Name first = name(nameServers.getFirst(), origin);
    this.soa = soa(first, serial.getValue(), recordTtl, negativeTtl);
    this.negative = soa(first, serial.getValue(), negativeTtl, negativeTtl);
    add(soa);
    for (String server : nameServers) {
      add(new NSRecord(origin, DClass.IN, recordTtl, name(server, origin)));
    }
    for (String line : records) {
      add(record(line, recordTtl));
    }
    for (String edge : edges) {
      Name name = edge.equals("@") ? origin : name(edge, origin);
      if (!name.subdomain(origin)) {
        throw new IllegalArgumentException(
            "dns.edgeNames: " + edge + " (expected: a name in " + origin + ")");
      }
      if (has(name, Type.A) || has(name, Type.AAAA) || has(name, Type.CNAME)) {
        throw new IllegalArgumentException(
            "dns.edgeNames: " + edge + " (expected: a name without fixed addresses or an alias)");
      }
      edgeNames.add(name);
      exists(name);
    }
  }

  /**
   * Rejects a zone that cannot be served.
   *
   * @throws IllegalArgumentException that names the fault
   */
  static void check(
      String zone, List<String> nameServers, List<String> edges, List<String> records) {
    DnsZone checked = new DnsZone(zone, nameServers, edges, records, 60, 60);
    assert checked.origin != null;
  }

  private SOARecord soa(Name primary, long serial, long ttl, long minimum) {
    Name mail = name("hostmaster", origin);
    return new SOARecord(
        origin,
        DClass.IN,
        ttl,
        primary,
        mail,
        serial,
        REFRESH_SECONDS,
        RETRY_SECONDS,
        EXPIRE_SECONDS,
        minimum);
  }

  private Record record(String line, long ttl) {
    if (line.strip().startsWith("$") || line.contains("\n") || line.contains("(")) {
      throw new IllegalArgumentException("dns.records: " + line + " (expected: one record a line)");
    }
    byte[] text = (line + "\n").getBytes(StandardCharsets.UTF_8);
    try (Master master = new Master(new ByteArrayInputStream(text), origin, ttl)) {
      Record record = master.nextRecord();
      if (record == null) {
        throw new IOException("no record");
      }
      if (record.getDClass() != DClass.IN) {
        throw new IOException("class IN only");
      }
      int type = record.getType();
      if (type == Type.DNAME || type == Type.OPT || (type >= 128 && type <= 255)) {
        throw new IOException(Type.string(type) + " cannot be served");
      }
      boolean misplaced = type == Type.NS || type == Type.SOA;
      if (misplaced || !record.getName().subdomain(origin)) {
        throw new IOException("NS, SOA and names outside the zone cannot be listed");
      }
      return record;
    } catch (IOException | RuntimeException e) {
      throw new IllegalArgumentException(
          "dns.records: " + line + " (expected: NAME [TTL] TYPE DATA; " + e.getMessage() + ")", e);
    }
  }

  private void add(Record record) {
    Map<Integer, List<Record>> types =
        fixed.computeIfAbsent(record.getName(), n -> new HashMap<>());
    types.computeIfAbsent(record.getType(), t -> new ArrayList<>()).add(record);
    if (types.containsKey(Type.CNAME)
        && (types.size() > 1 || types.getOrDefault(Type.CNAME, List.of()).size() > 1)) {
      throw new IllegalArgumentException(
          "dns.records: "
              + record.getName()
              + " (expected: nothing else under the name of an alias)");
    }
    exists(record.getName());
  }

  private void exists(Name name) {
    for (Name n = name; n.subdomain(origin); n = new Name(n, 1)) {
      existing.add(n);
      if (n.equals(origin)) {
        return;
      }
    }
  }

  private boolean has(Name name, int type) {
    return fixed.getOrDefault(name, Map.of()).containsKey(type);
  }

  private static Name name(String text, Name origin) {
    try {
      return Name.fromString(text, origin);
    } catch (TextParseException e) {
      throw new IllegalArgumentException("dns: " + text + " (expected: a domain name)", e);
    }
  }

  /** The zone's own name. */
  Name origin() {
    return origin;
  }

  /** For the authority section of answers that say that there is nothing; RFC 2308 section 3. */
  SOARecord negative() {
    return negative;
  }

  boolean contains(Name name) {
    return name.subdomain(origin);
  }

  /**
   * The name whose data answers a query: the name itself, or the wildcard that covers it (RFC 4592:
   * the one below its closest existing ancestor); null if the name does not exist.
   */
  @Nullable Name source(Name asked) {
    if (existing.contains(asked)) {
      return asked;
    }
    Name encloser = new Name(asked, 1);
    while (!existing.contains(encloser)) {
      encloser = new Name(encloser, 1);
    }
    try {
      Name wildcard = Name.concatenate(Name.fromConstantString("*"), encloser);
      return existing.contains(wildcard) ? wildcard : null;
    } catch (org.xbill.DNS.NameTooLongException e) {
      return null;
    }
  }

  /** True if the name stands for edges. */
  boolean edges(Name source) {
    return edgeNames.contains(source);
  }

  /** The fixed records of a name and type; none if there are none. */
  List<Record> records(Name source, int type) {
    return fixed.getOrDefault(source, Map.of()).getOrDefault(type, List.of());
  }
}
