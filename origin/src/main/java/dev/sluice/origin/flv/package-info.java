/**
 * What is inside an FLV file: {@link dev.sluice.origin.flv.FlvIndex} holds its length, tracks and
 * keyframes, {@link dev.sluice.origin.flv.FlvScan} reads that from a file and stops where the file
 * is damaged, {@link dev.sluice.origin.flv.RecordingHeader} writes the start of a recording so that
 * players can seek in it.
 *
 * <p>Threading: pure, confined to one caller. Of Netty it uses buffers only.
 *
 * <p>May import {@code media.flv}.
 */
@NullMarked
package dev.sluice.origin.flv;

import org.jspecify.annotations.NullMarked;
