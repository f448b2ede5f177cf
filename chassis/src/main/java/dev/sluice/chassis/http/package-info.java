/**
 * HTTP as handlers see it, whichever version carries it.
 *
 * <p>Start at {@link dev.sluice.chassis.http.Routes}; a handler sees one {@link
 * dev.sluice.chassis.http.HttpExchange}, and answers with bytes that it has, bit by bit through
 * {@link dev.sluice.chassis.http.ResponseStream}, or with a file through {@link
 * dev.sluice.chassis.http.FileResponder}. Below all three is {@link
 * dev.sluice.chassis.http.HttpStream}, which a server fills. {@code HttpRange}, {@code
 * Conditionals} and {@code RequestTarget} are pure.
 *
 * <p>Threading: everything that belongs to one exchange is confined to its event loop; whatever
 * waits (opening files) does so on a virtual thread and comes back with {@code loop.execute}. May
 * import {@code chassis.config} and {@code chassis.control}.
 */
@NullMarked
package dev.sluice.chassis.http;

import org.jspecify.annotations.NullMarked;
