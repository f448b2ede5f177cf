/**
 * FLV tags: the one unit that travels from a publisher to a viewer. Start at {@link
 * dev.sluice.media.flv.FlvTag}; {@link dev.sluice.media.flv.FlvFormat} writes tags to a file or an
 * HTTP body, {@link dev.sluice.media.flv.FlvReader} reads them back, {@link
 * dev.sluice.media.flv.CodecInfo} says what a sequence header announces, {@link
 * dev.sluice.media.flv.SequenceHeaders} keeps what must precede media, for all who keep it: RTMP
 * sessions, timelines, relays; {@link dev.sluice.media.flv.PictureTrack} says where a GOP begins.
 *
 * <p>The payload of an RTMP audio, video or data message and the body of an FLV tag are the same
 * bytes, so nothing here is ever re-muxed. Layouts follow "Adobe Flash Video File Format
 * Specification 10.1" annex E and "Enhanced RTMP v2".
 *
 * <p>Threading: pure, no channels, clocks or loggers. Tags are immutable and may be shared between
 * threads; readers are confined to one caller. May import {@code media.amf}.
 */
@NullMarked
package dev.sluice.media.flv;

import org.jspecify.annotations.NullMarked;
