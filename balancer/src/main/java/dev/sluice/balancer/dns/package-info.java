/**
 * The authoritative name server of the CDN's zone. {@link dev.sluice.balancer.dns.DnsServer} is the
 * transport (UDP and TCP), {@link dev.sluice.balancer.dns.DnsAnswers} the pure rule from query
 * bytes to answer bytes, {@link dev.sluice.balancer.dns.DnsZone} what the zone holds. Start at
 * {@code DnsAnswers}.
 *
 * <p>Threading: zone and answers are immutable; queries are answered on the event loop that
 * received them, and nothing there blocks. May import {@code chassis}. The only package that
 * imports dnsjava ({@code org.xbill}).
 */
@NullMarked
package dev.sluice.balancer.dns;

import org.jspecify.annotations.NullMarked;
