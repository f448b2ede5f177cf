/**
 * Names of things that publishers, viewers and nodes speak of: which stream ({@link
 * dev.sluice.media.stream.StreamKey}), who publishes it ({@link
 * dev.sluice.media.stream.PublisherInfo}), over what it is watched ({@link
 * dev.sluice.media.stream.Protocol}), and why it or a viewer ended ({@link
 * dev.sluice.media.stream.EndReason}).
 *
 * <p>Threading: immutable values; any thread. May import nothing of ours.
 */
@NullMarked
package dev.sluice.media.stream;

import org.jspecify.annotations.NullMarked;
