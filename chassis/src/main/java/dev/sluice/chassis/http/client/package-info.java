/**
 * Asking other servers over HTTP/1.1: {@link dev.sluice.chassis.http.client.HttpClient} keeps the
 * connections, {@link dev.sluice.chassis.http.client.HttpClientHandler} hears the answer.
 *
 * <p>Threading: a call is confined to the event loop that it is sent from; names are looked up on
 * virtual threads. May import {@code chassis.lifecycle} and {@code chassis.tls}.
 */
@NullMarked
package dev.sluice.chassis.http.client;

import org.jspecify.annotations.NullMarked;
