/**
 * The HTTP/1.1 server: {@link dev.sluice.chassis.http.server.HttpServer} listens, a {@code
 * HttpConnection} carries requests one after the other, each as a {@code Http1Stream} on which the
 * handler's exchange stands. Where a connection can be, and for how long, is {@code
 * ConnectionState}.
 *
 * <p>Threading: a connection is confined to its event loop; one task per loop looks after the
 * deadlines of all of them. May import {@code chassis.config}, {@code chassis.control}, {@code
 * chassis.http}, {@code chassis.lifecycle}, {@code chassis.metrics} and {@code chassis.tls}.
 */
@NullMarked
package dev.sluice.chassis.http.server;

import org.jspecify.annotations.NullMarked;
