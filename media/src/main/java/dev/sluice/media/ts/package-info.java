/**
 * Live parts as MPEG-TS (ISO/IEC 13818-1), for players that know no other segments. Start at {@link
 * dev.sluice.media.ts.TsFragment}. The same marks and tags make the same parts as in {@code
 * media.fmp4}, at the same times; {@link dev.sluice.media.ts.TsSegment} makes them of those.
 *
 * <p>Threading: pure, no channels, clocks or loggers. May import {@code media.flv}, {@code
 * media.mp4} and {@code media.segment}.
 */
@NullMarked
package dev.sluice.media.ts;

import org.jspecify.annotations.NullMarked;
