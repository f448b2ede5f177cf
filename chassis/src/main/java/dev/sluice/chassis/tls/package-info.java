/**
 * TLS for every listener and for connections to other servers of ours.
 *
 * <p>Start at {@link dev.sluice.chassis.tls.ServerTls}: one certificate per server, reloaded when
 * its files change; a listener calls {@code secure} on each connection it accepts. {@link
 * dev.sluice.chassis.tls.ClientTls} is the other side.
 *
 * <p>Threading: contexts are immutable and shared; the watch over the files is a virtual thread.
 * May import {@code chassis.config}, {@code chassis.lifecycle} and {@code chassis.metrics}.
 */
@NullMarked
package dev.sluice.chassis.tls;

import org.jspecify.annotations.NullMarked;
