package dev.sluice.media.hls.live;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.media.hls.HlsPath;
import dev.sluice.media.hls.ListedSegment;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.segment.DateRange;
import dev.sluice.media.stream.StreamKey;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where segments are that have left memory: of an origin with a DVR window, a directory.
 *
 * <p>Threading: any thread; nothing here waits.
 */
public interface HlsArchive {
  /** How far back a stream's segments are kept, in milliseconds; 0 = they are not. */
  long windowMs(StreamKey key);

  /** A run of a stream begins. */
  Run begin(StreamKey key, long incarnation);

  /**
   * Answers a request for a segment or an initialization.
   *
   * @return whether it has it; if not, nothing was answered
   */
  boolean answer(HttpExchange exchange, StreamKey key, HlsPath path);

  /**
   * What is kept of a run that is over.
   *
   * @param incarnation which; 0 = the last one
   * @return null when there is nothing
   */
  @Nullable Ended ended(StreamKey key, long incarnation);

  /**
   * A run that is over.
   *
   * @param playlist all of it that is kept, with its end; the same object as long as it is the same
   * @param variant what a multivariant playlist says of it
   */
  record Ended(MediaPlaylist playlist, HlsVariant variant) {}

  /**
   * What holds for all segments of a run.
   *
   * @param targetSeconds see {@link MediaPlaylist#targetSeconds}
   * @param partTargetMs see {@link MediaPlaylist#partTargetMs}
   * @param independent see {@link MediaPlaylist#independent}
   * @param variant what a multivariant playlist says of it
   * @param ranges spans of time that are listed
   */
  record Facts(
      int targetSeconds,
      int partTargetMs,
      boolean independent,
      HlsVariant variant,
      List<DateRange> ranges) {
    /** Copies the list. */
    public Facts {
      ranges = List.copyOf(ranges);
    }
  }

  /**
   * One run of a stream as it is kept.
   *
   * <p>Threading: called on the stream's loop.
   */
  interface Run {
    /**
     * Keeps a segment, if that can be done. Takes ownership of the bytes.
     *
     * @param init what players need before it; not changed any more
     */
    void keep(ListedSegment segment, byte[] init, Facts facts, ByteBuf bytes);

    /** Whether a segment can be had now. */
    boolean has(long msn);

    /** What was kept before this one is going; 0 = nothing is. */
    long firstMsn();

    /** Nothing more comes. */
    void end();
  }
}
