/**
 * A whole CDN in one process: {@link dev.sluice.app.demo.DemoFleet} starts an origin, three edges
 * in two regions and a balancer, over real sockets and with the same wiring as separate processes.
 * The command and the end-to-end tests both use it.
 *
 * <p>Threading: started and stopped by one thread; the publisher runs on one event loop. May import
 * {@code balancer}, {@code edge}, {@code origin}, {@code node}, {@code media}, {@code chassis} and
 * {@code cluster}.
 */
@NullMarked
package dev.sluice.app.demo;

import org.jspecify.annotations.NullMarked;
