/**
 * Streams that are renditions of one picture: {@code NAME_720} and {@code NAME_480} are the group
 * {@code NAME}. Their segments have the same numbers and begin at the same times, or they are
 * listed apart. Start at {@link dev.sluice.media.rendition.RenditionGroup}, which owns the numbers,
 * then see {@link dev.sluice.media.rendition.GroupMember}, by which one rendition goes along.
 *
 * <p>Threading: a group is shared by the loops of its members; a member is confined to the loop of
 * its stream. No channels, clocks or loggers. May import {@code media.segment} and {@code
 * media.stream}.
 */
@NullMarked
package dev.sluice.media.rendition;

import org.jspecify.annotations.NullMarked;
