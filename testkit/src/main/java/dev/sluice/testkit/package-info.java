/**
 * What the tests of every module share: buffer leak checks, a manual clock, waiting with a deadline
 * and the search for system tools. Start at {@link dev.sluice.testkit.LeakCheck}.
 *
 * <p>Threading: used from the test's thread. May import nothing of ours. No production module may
 * depend on it outside the test scope.
 */
@NullMarked
package dev.sluice.testkit;

import org.jspecify.annotations.NullMarked;
