package dev.sluice.media.hls.live;

import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.hls.ListedWindow;
import dev.sluice.media.live.StreamNotes;
import dev.sluice.media.stream.StreamKey;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the HLS streams of one server share.
 *
 * <p>Threading: any thread.
 */
final class HlsContext {
  private final HlsConfig config;
  private final ListedWindow window;
  private final MediaMemory memory;
  private final HlsMuxer muxer;
  private final @Nullable HlsUpstream upstream;
  private final Siblings siblings = new Siblings();
  private final Meters meters;
  private final LongSupplier nanoClock;
  private final HlsBans bans;
  private volatile @Nullable HlsArchive archive;
  private volatile @Nullable BiConsumer<StreamKey, Consumer<StreamNotes>> notes;

  HlsContext(
      HlsConfig config,
      HlsMuxer muxer,
      @Nullable HlsUpstream upstream,
      Meters meters,
      LongSupplier nanoClock) {
    this.config = config;
    this.window = ListedWindow.of(config.window().toMillis());
    this.memory = new MediaMemory(config.memory().bytes());
    this.muxer = muxer;
    this.upstream = upstream;
    this.meters = meters;
    this.nanoClock = nanoClock;
    this.bans = new HlsBans(nanoClock);
    meters.gauge(HlsMeters.MEMORY, memory::held);
    for (String result : new String[] {"made", "missed"}) {
      meters.counter(HlsMeters.PARTS, result);
    }
  }

  HlsConfig config() {
    return config;
  }

  ListedWindow window() {
    return window;
  }

  /** How long media stays when it has left the list. */
  long keepNanos() {
    return window.ms() * 1_000_000;
  }

  /** Viewers who are refused. */
  HlsBans bans() {
    return bans;
  }

  /** The renditions that are listed. */
  Siblings siblings() {
    return siblings;
  }

  MediaMemory memory() {
    return memory;
  }

  HlsMuxer muxer() {
    return muxer;
  }

  /** Whom to ask for what is not here; null = there is nobody. */
  @Nullable HlsUpstream upstream() {
    return upstream;
  }

  /**
   * Segments are kept elsewhere too from now on; set before there are streams.
   *
   * @param tell hands over what the next mark of a stream says
   */
  void keepIn(HlsArchive where, BiConsumer<StreamKey, Consumer<StreamNotes>> tell) {
    notes = tell;
    archive = where;
  }

  /** Where segments are kept that have left memory; null = nowhere. */
  @Nullable HlsArchive archive() {
    return archive;
  }

  /** What hands a stream's segments to the archive; null when they are not kept. */
  @Nullable ArchiveFeed feed(StreamKey key) {
    HlsArchive to = archive;
    BiConsumer<StreamKey, Consumer<StreamNotes>> tell = notes;
    return to == null || tell == null || to.windowMs(key) == 0
        ? null
        : new ArchiveFeed(to, key, window.ms(), said -> tell.accept(key, said));
  }

  Meters meters() {
    return meters;
  }

  long nanoTime() {
    return nanoClock.getAsLong();
  }

  /** Counts a part that was made, or could not be. */
  void count(boolean made) {
    meters.counter(HlsMeters.PARTS, made ? "made" : "missed").increment();
  }
}
