/**
 * How a process starts, drains and stops, and the event loops it runs on. Start at {@link
 * dev.sluice.chassis.lifecycle.Service}; a server is a {@link
 * dev.sluice.chassis.lifecycle.ServiceGroup} of them.
 *
 * <p>Threading: {@code start}, {@code drain} and {@code close} are called by one thread, never by
 * an event loop, and may block. May import nothing of ours.
 */
@NullMarked
package dev.sluice.chassis.lifecycle;

import org.jspecify.annotations.NullMarked;
