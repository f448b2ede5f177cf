/**
 * RTMP without sockets: bytes in, events and bytes out. Start at {@link
 * dev.sluice.media.rtmp.RtmpServerSession} (what encoders and viewers connect to) and {@link
 * dev.sluice.media.rtmp.RtmpClientSession} (edge relay, publisher, load generator). What the peer
 * of a server says is in {@code ServerCommands}, and what in its role in {@code PublishCommands}
 * and {@code PlayCommands}. Below lie the handshake, {@link dev.sluice.media.rtmp.ChunkDecoder} and
 * {@link dev.sluice.media.rtmp.ChunkEncoder}.
 *
 * <p>Section numbers in comments are those of "Adobe's Real Time Messaging Protocol 1.0"; "Enhanced
 * RTMP" is version 2 of Veovera's specification.
 *
 * <p>Threading: a session, a decoder and a handshake are confined to one connection's event loop.
 * Pure: no channels, files, clocks, threads, loggers or meters. Decoders throw {@link
 * dev.sluice.media.rtmp.RtmpException}; they never disconnect. May import {@code media.amf} and
 * {@code media.flv}.
 */
@NullMarked
package dev.sluice.media.rtmp;

import org.jspecify.annotations.NullMarked;
