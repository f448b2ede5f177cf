/**
 * HTTP/1.1 as every server of the project speaks it.
 *
 * <p>Start at {@link dev.sluice.chassis.http.HttpServer} and {@link
 * dev.sluice.chassis.http.Routes}; a handler sees one {@link dev.sluice.chassis.http.HttpExchange}.
 * Files leave through {@link dev.sluice.chassis.http.FileResponder}. {@code HttpRange}, {@code
 * Conditionals} and {@code RequestTarget} are pure.
 *
 * <p>Threading: everything that belongs to one connection is confined to its event loop; whatever
 * waits (opening files) does so on a virtual thread and comes back with {@code loop.execute}. May
 * import {@code chassis.config}, {@code chassis.control}, {@code chassis.lifecycle}, {@code
 * chassis.metrics} and {@code chassis.tls}.
 */
@NullMarked
package dev.sluice.chassis.http;

import org.jspecify.annotations.NullMarked;
