/**
 * Action Message Format: how RTMP commands and FLV script data write their values. Start at {@link
 * dev.sluice.media.amf.AmfValue}; {@link dev.sluice.media.amf.Amf0} reads and writes it, {@link
 * dev.sluice.media.amf.Amf3} reads what a few encoders send in AMF3 commands.
 *
 * <p>Every length and count from the wire meets {@link dev.sluice.media.amf.AmfLimits} before
 * anything is allocated by it. A fault is an {@link dev.sluice.media.amf.AmfException} with a
 * closed reason.
 *
 * <p>Threading: pure and stateless; values are immutable. May import nothing of ours.
 */
@NullMarked
package dev.sluice.media.amf;

import org.jspecify.annotations.NullMarked;
