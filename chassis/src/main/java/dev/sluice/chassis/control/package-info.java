/**
 * What is special about calls that change something or need a secret: {@link
 * dev.sluice.chassis.control.Access} says whom a route is for, {@link
 * dev.sluice.chassis.control.ForeignPage} keeps pages of other sites away from it, and {@link
 * dev.sluice.chassis.control.AuditLog} writes down what was done.
 *
 * <p>Threading: any thread. May import {@code chassis.log}.
 */
@NullMarked
package dev.sluice.chassis.control;

import org.jspecify.annotations.NullMarked;
