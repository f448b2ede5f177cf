/**
 * Who may publish and who may play: the questions that a server asks ({@link
 * dev.sluice.media.access.PublishAuthorizer}, {@link dev.sluice.media.access.PlayAuthorizer}), and
 * the answers. Roles answer them: an origin by keys and hooks, an edge by tokens or by asking its
 * origin ({@link dev.sluice.media.access.PublishForwarder}).
 *
 * <p>Threading: asked on the event loop of the connection, answered on any thread. May import
 * {@code media.stream}, {@code media.rtmp} and {@code media.flv}.
 */
@NullMarked
package dev.sluice.media.access;

import org.jspecify.annotations.NullMarked;
