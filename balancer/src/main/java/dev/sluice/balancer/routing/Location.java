package dev.sluice.balancer.routing;

/**
 * Where a client is, as far as routing cares, and how that is known.
 *
 * @param region the region to try first
 * @param source what said so
 * @param detail the network or country that matched, for people; may be empty
 * @param prefixLength bits of the address that decide: every address that shares them has the same
 *     location. In terms of the address as given (a 6to4 address counts as IPv6)
 */
public record Location(String region, Source source, String detail, int prefixLength) {

  /** What a location was taken from, in order of precedence. */
  public enum Source {
    /** A network that the operator assigned to a region. */
    NETWORK,
    /** The country in the geo database. */
    COUNTRY,
    /** The continent in the geo database, or that of the country there. */
    CONTINENT,
    /** A special-purpose network, which says nothing: the default region. */
    SPECIAL,
    /** Nothing known: the default region. */
    DEFAULT
  }
}
