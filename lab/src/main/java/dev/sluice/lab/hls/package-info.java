/**
 * A load generator for HLS: thousands of players in one process that ask as hls.js does, blocking
 * reloads and parts where the playlist offers them ({@link dev.sluice.lab.hls.HlsBench}). It reads
 * playlists of any server, on loopback only, with code of its own.
 *
 * <p>Threading: a player is confined to its event loop; the bench runs on the caller's thread. May
 * import {@code lab.bench} and {@code lab.tls}.
 */
@NullMarked
package dev.sluice.lab.hls;

import org.jspecify.annotations.NullMarked;
