/**
 * What log lines have in common. Start at {@link dev.sluice.chassis.log.RateLimitedLog}, for
 * trouble that may come thousands of times a second.
 *
 * <p>Threading: any thread. May import nothing of ours.
 */
@NullMarked
package dev.sluice.chassis.log;

import org.jspecify.annotations.NullMarked;
