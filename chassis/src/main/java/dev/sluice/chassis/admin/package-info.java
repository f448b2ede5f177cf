/**
 * What every server answers to operators and probes: {@link dev.sluice.chassis.admin.AdminRoutes}.
 *
 * <p>Threading: answers are made on virtual threads, as a scrape is too long for an event loop. May
 * import {@code chassis.http} and {@code chassis.metrics}.
 */
@NullMarked
package dev.sluice.chassis.admin;

import org.jspecify.annotations.NullMarked;
