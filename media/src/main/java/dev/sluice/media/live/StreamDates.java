package dev.sluice.media.live;

import dev.sluice.media.segment.DateRange;
import dev.sluice.media.stream.StreamKey;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Live streams by the calendar: when their pictures were at the origin, and spans of time that
 * their playlists list.
 *
 * <p>Threading: any thread.
 */
public final class StreamDates {
  private final Function<StreamKey, @Nullable LiveStream> streams;

  StreamDates(Function<StreamKey, @Nullable LiveStream> streams) {
    this.streams = streams;
  }

  /**
   * When the picture of a stream's time 0 here was at the origin, in ms since the Unix epoch; empty
   * while that is not known. Time during which nobody published is not in it.
   */
  public OptionalLong zeroWallMs(StreamKey key) {
    LiveStream stream = streams.apply(key);
    long zero = stream == null ? StreamCuts.NO_DATE : stream.cuts().zeroWallMs();
    return zero == StreamCuts.NO_DATE ? OptionalLong.empty() : OptionalLong.of(zero);
  }

  /**
   * Has a span of time listed in the HLS playlists of a stream, here and on all servers that relay
   * it.
   *
   * @param id its name
   * @return completed on any thread, with what is listed or {@link RangeRefused}; null when there
   *     is no such stream
   */
  public @Nullable CompletableFuture<DateRange> announce(
      StreamKey key, String id, AskedRange range) {
    LiveStream stream = streams.apply(key);
    if (stream == null) {
      return null;
    }
    CompletableFuture<DateRange> listed = new CompletableFuture<>();
    stream.run(
        () -> {
          try {
            listed.complete(stream.cuts().announce(id, range));
          } catch (RangeRefused e) {
            listed.completeExceptionally(e);
          }
        });
    return listed;
  }

  /** Has the next mark of a stream say something, if there is such a stream. */
  public void tell(StreamKey key, Consumer<StreamNotes> said) {
    LiveStream stream = streams.apply(key);
    if (stream != null) {
      stream.run(() -> said.accept(stream.cuts().notes()));
    }
  }
}
