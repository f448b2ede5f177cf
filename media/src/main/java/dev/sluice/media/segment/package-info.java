/**
 * Where a live stream is cut for HLS. The origin decides, and says it in the stream: before the
 * first tag of each part goes a {@link dev.sluice.media.segment.SegmentMark}. Whoever has the marks
 * can list the segments and parts; whoever has the tags between two marks, and finds that they have
 * the digest that the second mark tells ({@link dev.sluice.media.segment.PartDigest}), can make the
 * part, with the same bytes as everyone else. Start at {@link dev.sluice.media.segment.Segmenter},
 * which decides; {@link dev.sluice.media.segment.AudioGrid} says where sound lies.
 *
 * <p>Threading: pure, no channels, clocks or loggers. May import {@code media.flv} and {@code
 * media.amf}.
 */
@NullMarked
package dev.sluice.media.segment;

import org.jspecify.annotations.NullMarked;
