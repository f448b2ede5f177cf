/**
 * TLS of the load generators, which believe every certificate and so speak to loopback only: a
 * context for clients with channels ({@link dev.sluice.lab.tls.ClientTls}), and {@link
 * dev.sluice.lab.tls.TlsLine} for viewers that are a socket and no more.
 *
 * <p>Threading: a line is confined to its loop; contexts are immutable. May import nothing of ours.
 */
@NullMarked
package dev.sluice.lab.tls;

import org.jspecify.annotations.NullMarked;
