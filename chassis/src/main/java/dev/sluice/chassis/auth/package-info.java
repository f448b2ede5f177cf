/**
 * Who may do what: the operator's token ({@link dev.sluice.chassis.auth.AdminToken}), the keys with
 * which encoders publish ({@link dev.sluice.chassis.auth.StreamKeys}), and signed URLs for viewers
 * ({@link dev.sluice.chassis.auth.UrlSigner} makes them, {@link
 * dev.sluice.chassis.auth.ViewerTokens} asks for them). Who guesses is answered late: {@link
 * dev.sluice.chassis.auth.RefusalPace} says how late, {@link dev.sluice.chassis.auth.SlowedGuesses}
 * does it over HTTP.
 *
 * <p>Threading: any thread. Secrets are compared in constant time. May import {@code
 * chassis.config}, {@code chassis.http} and {@code chassis.metrics}.
 */
@NullMarked
package dev.sluice.chassis.auth;

import org.jspecify.annotations.NullMarked;
