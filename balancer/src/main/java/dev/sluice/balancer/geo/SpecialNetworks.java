package dev.sluice.balancer.geo;

import dev.sluice.chassis.config.Cidr;
import java.util.List;
import java.util.stream.Stream;

/**
 * Networks whose addresses say nothing of where a client is, as they are in use in many places or
 * in none: the special-purpose registries (RFC 6890) without what is reached globally. A name
 * server takes the address of the resolver instead (RFC 7871 section 10).
 */
final class SpecialNetworks {
  static final List<Cidr> ALL =
      Stream.of(
              "0.0.0.0/8", // this network
              "10.0.0.0/8", // private
              "100.64.0.0/10", // between a provider's NAT and its customers
              "127.0.0.0/8", // loopback
              "169.254.0.0/16", // link local
              "172.16.0.0/12", // private
              "192.0.0.0/24", // protocol assignments
              "192.0.2.0/24", // documentation
              "192.168.0.0/16", // private
              "198.18.0.0/15", // benchmarks
              "198.51.100.0/24", // documentation
              "203.0.113.0/24", // documentation
              "224.0.0.0/3", // multicast, reserved, broadcast
              "64:ff9b:1::/48", // NAT64 within one network: where the IPv4 address is, it knows
              "100::/64", // discard
              "2001:2::/48", // benchmarks
              "2001:db8::/32", // documentation
              "3fff::/20", // documentation
              "5f00::/16", // segment routing
              "fc00::/7", // private
              "fe80::/9", // link local, site local
              "ff00::/8") // multicast
          .map(Cidr::parse)
          .toList();

  private SpecialNetworks() {}
}
