/**
 * Reads MP4 (ISO/IEC 14496-12), whoever wrote it: {@link dev.sluice.media.mp4.Movie} is what a
 * file's {@code moov} says of where its samples lie, {@link dev.sluice.media.mp4.FragmentTags}
 * takes our own fragments apart, to put them into another container. Frames come out as FLV tags,
 * the one form from which every container here is made.
 *
 * <p>Bytes are believed in nothing: each length meets what is there and a named limit before
 * anything is allocated, and whatever is wrong is an {@link dev.sluice.media.mp4.Mp4Exception}.
 *
 * <p>Threading: pure, no channels, clocks or loggers. May import {@code media.flv}.
 */
@NullMarked
package dev.sluice.media.mp4;

import org.jspecify.annotations.NullMarked;
