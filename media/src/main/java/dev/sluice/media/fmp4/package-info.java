/**
 * Live parts and recorded segments as fragmented MP4 (ISO/IEC 14496-12, CMAF without its rule of
 * one track a file), made of FLV tags. Start at {@link dev.sluice.media.fmp4.InitSegment}, what a
 * player reads once, and {@link dev.sluice.media.fmp4.Fragment}, one part. Frames are passed on as
 * they came; equal tags and marks give equal bytes on every server.
 *
 * <p>Threading: pure, no channels, clocks or loggers. May import {@code media.flv} and {@code
 * media.segment}.
 */
@NullMarked
package dev.sluice.media.fmp4;

import org.jspecify.annotations.NullMarked;
