/**
 * Who may do what: the operator's token ({@link dev.sluice.chassis.auth.AdminToken}), the keys with
 * which encoders publish ({@link dev.sluice.chassis.auth.StreamKeys}), and signed URLs for viewers
 * ({@link dev.sluice.chassis.auth.UrlSigner} makes them, {@link
 * dev.sluice.chassis.auth.ViewerTokens} asks for them). Who guesses is answered late: {@link
 * dev.sluice.chassis.auth.RefusalPace} says how late, {@link dev.sluice.chassis.auth.SlowedGuesses}
 * does it over HTTP.
 *
 * <p>Two kinds of viewers' tokens. One path: {@code UrlSigner.sign("/live/demo.flv", …)}, given as
 * {@code ?token=}. All of one stream: {@code UrlSigner.signPrefix("/live/demo/", session, …)}, put
 * into the path by {@link dev.sluice.chassis.http.TokenPath#with}. A server that takes both has two
 * routes with one handler, {@code /live/{name}/index.m3u8} and {@code
 * /live/~{token}/{name}/index.m3u8}, each within {@code ViewerTokens.guard(handler)}; {@code
 * TokenPath.session(exchange.pathParam("token"))} then names the viewer, and {@code
 * TokenPath.without(path)} is what to ask another server for.
 *
 * <p>Threading: any thread. Secrets are compared in constant time. May import {@code
 * chassis.config}, {@code chassis.http} and {@code chassis.metrics}.
 */
@NullMarked
package dev.sluice.chassis.auth;

import org.jspecify.annotations.NullMarked;
