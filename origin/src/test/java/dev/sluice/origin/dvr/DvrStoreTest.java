package dev.sluice.origin.dvr;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.hls.ListedSegment;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.live.HlsArchive;
import dev.sluice.media.hls.live.HlsVariant;
import dev.sluice.media.segment.DateRange;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Segments on disk, in the time of the test. */
@ExtendWith(LeakCheck.class)
class DvrStoreTest {
  private static final StreamKey KEY = new StreamKey("live", "a");
  private static final long START = 1_796_000_000_000L;
  private static final long FIRST = 1_796_000_000L;
  private static final int SIZE = 100_000;
  private static final HlsArchive.Facts FACTS =
      new HlsArchive.Facts(
          2,
          400,
          true,
          new HlsVariant(2_500_000, 2_100_000, "avc1.64001f,mp4a.40.2", 1280, 720, 29.97),
          List.of(new DateRange("ad", "", START, 4_000, Map.of("X-T", "\u00e4"))));

  private final MemoryDvrDisk disk = new MemoryDvrDisk();
  private final AtomicLong wallMs = new AtomicLong(START);
  private final AtomicLong nanos = new AtomicLong();
  private final Meters meters = new Meters();
  private final List<DvrStore> stores = new ArrayList<>();

  @AfterEach
  void stop() {
    stores.forEach(DvrStore::close);
    meters.close();
  }

  private DvrStore open(Duration window, long mebibytes) throws IOException {
    return started(disk, window, mebibytes);
  }

  private DvrStore started(DvrDisk on, Duration window, long mebibytes) throws IOException {
    DvrConfig config =
        new DvrConfig(window, List.of("*"), ByteSize.ofMiB(mebibytes), "", ByteSize.ofMiB(64));
    DvrStore store =
        new DvrStore(config, on, meters, () -> Instant.ofEpochMilli(wallMs.get()), nanos::get);
    stores.add(store);
    store.start();
    return store;
  }

  /** Segment of two seconds, the n-th of its run. */
  private static ListedSegment segment(int n) {
    return new ListedSegment(
        FIRST + n, START + n * 2_000L, 2_000, 7 + n / 10, n % 10 == 0 && n > 0, 5, true, List.of());
  }

  private static ByteBuf body(int n) {
    ByteBuf bytes = Unpooled.buffer(SIZE);
    while (bytes.isWritable(Integer.BYTES)) {
      bytes.writeInt(n);
    }
    return bytes;
  }

  private void keep(HlsArchive.Run run, int from, int count) {
    for (int n = from; n < from + count; n++) {
      run.keep(segment(n), new byte[] {1, 2, 3}, FACTS, body(n));
    }
  }

  private double kept(String result) {
    return meters.counter(DvrMeters.KEPT, result).count();
  }

  private void awaitKept(String result, int count) {
    Await.until(count + " " + result, () -> kept(result) >= count);
  }

  private void sweep(DvrStore store) {
    AtomicLong done = new AtomicLong();
    store.sweep(() -> done.set(1));
    Await.until("swept", () -> done.get() == 1);
  }

  private static @Nullable MediaPlaylist playlist(DvrStore store, long incarnation) {
    HlsArchive.Ended ended = store.ended(KEY, incarnation);
    return ended == null ? null : ended.playlist();
  }

  private static MediaPlaylist ended(DvrStore store) {
    Await.until("over", () -> store.ended(KEY, 0) != null);
    return Objects.requireNonNull(playlist(store, 0));
  }

  @Test
  void whatIsKeptIsListedWhenTheRunIsOverAndAfterARestartToo() throws IOException {
    DvrStore store = open(Duration.ofHours(1), 100);
    HlsArchive.Run run = store.begin(KEY, 0xabc);
    keep(run, 0, 25);
    awaitKept("written", 25);
    assertThat(run.has(FIRST)).isTrue();
    assertThat(run.has(FIRST + 25)).isFalse();
    assertThat(store.ended(KEY, 0)).as("it goes on").isNull();
    run.end();
    MediaPlaylist list = ended(store);
    assertThat(list.ended()).isTrue();
    assertThat(list.ranges()).isEqualTo(FACTS.ranges());
    for (int n = 0; n < 25; n++) {
      assertThat(list.segments().get(n)).isEqualTo(segment(n));
    }
    store.close();

    disk.put("live/a/abc/1796000099_1_2_3_c_5_9.m4s.part", new byte[9]);
    disk.put("live/a/abc/1796000098_1_2_3_c_5_9.m4s", new byte[4]);
    DvrStore again = open(Duration.ofHours(1), 100);
    assertThat(playlist(again, 0xabc)).isEqualTo(list);
    assertThat(Objects.requireNonNull(again.ended(KEY, 0)).variant()).isEqualTo(FACTS.variant());
    assertThat(again.ended(KEY, 0xabd)).isNull();
    assertThat(disk.names())
        .as("what was being written")
        .noneMatch(name -> name.endsWith("part") || name.contains("/179600009"));
  }

  @Test
  void aFullDiskStopsItReadablyAndWhatIsMissingIsAGap() throws IOException {
    DvrStore store = open(Duration.ofHours(1), 100);
    HlsArchive.Run run = store.begin(KEY, 0xabc);
    keep(run, 0, 8);
    awaitKept("written", 8);
    disk.room(SIZE / 2);
    keep(run, 8, 15);
    awaitKept("stopped", 14);
    assertThat(kept("disk_full")).isEqualTo(1);
    assertThat(store.state().state()).isEqualTo("disk_full");
    assertThat(meters.scrape()).contains("sluice_dvr_stopped 1");
    assertThat(run.has(FIRST + 8)).isFalse();

    disk.room(Long.MAX_VALUE);
    nanos.addAndGet(Duration.ofMinutes(2).toNanos());
    keep(run, 23, 3);
    awaitKept("written", 11);
    Await.until("goes on", () -> store.state().state().equals("recording"));
    run.end();
    MediaPlaylist list = ended(store);
    assertThat(list.segments()).hasSize(26);
    for (int n = 0; n < 26; n++) {
      ListedSegment each = list.segments().get(n);
      assertThat(each.gap()).as("segment %s", n).isEqualTo(n >= 8 && n < 23);
      assertThat(each.dateMs()).isEqualTo(segment(n).dateMs());
      assertThat(each.durationMs()).isEqualTo(2_000);
    }
    assertThat(list.segments().get(23).discontinuity()).isEqualTo(9);
    assertThat(list.segments().stream().filter(ListedSegment::discontinuous)).hasSize(2);
  }

  @Test
  void theOldestGoFirstWhenTheSpaceIsUsedUpAndCanBeHadForAMinuteMore() throws IOException {
    DvrStore store = open(Duration.ofHours(10), 16);
    HlsArchive.Run first = store.begin(KEY, 0xabc);
    keep(first, 0, 100);
    first.end();
    HlsArchive.Run second = store.begin(KEY, 0xabd);
    keep(second, 200, 64);
    awaitKept("written", 164);
    sweep(store);
    MediaPlaylist list = Objects.requireNonNull(playlist(store, 0xabc));
    assertThat(list.firstMsn()).isBetween(FIRST + 4, FIRST + 10);
    assertThat(first.has(FIRST + 4)).as("players may have it listed").isTrue();
    assertThat(second.firstMsn()).isZero();
    nanos.addAndGet(Duration.ofSeconds(61).toNanos());
    sweep(store);
    assertThat(first.has(FIRST + 3)).isFalse();
    keep(second, 264, 160);
    awaitKept("written", 324);
    sweep(store);
    assertThat(store.ended(KEY, 0xabc)).as("all of it went").isNull();
    assertThat(second.firstMsn()).isGreaterThan(FIRST + 200);
    assertThat(store.state().bytes()).isLessThanOrEqualTo(16L << 20);
  }

  @Test
  void whatIsOlderThanTheWindowGoesAndARunThatIsOverAsAWhole() throws IOException {
    DvrStore store = open(Duration.ofMinutes(10), 1000);
    HlsArchive.Run run = store.begin(KEY, 0xabc);
    keep(run, 0, 400);
    awaitKept("written", 400);
    sweep(store);
    // 800 s less the window of 600 and two minutes of patience
    assertThat(run.firstMsn()).isEqualTo(FIRST + 39);
    assertThat(run.has(FIRST + 38)).isFalse();
    wallMs.set(START + 800_000);
    run.end();
    assertThat(ended(store).firstMsn()).isEqualTo(FIRST + 39);
    wallMs.addAndGet(Duration.ofMinutes(9).toMillis());
    sweep(store);
    assertThat(ended(store).firstMsn()).as("it stays as it is").isEqualTo(FIRST + 39);
    wallMs.addAndGet(Duration.ofMinutes(2).toMillis());
    sweep(store);
    assertThat(store.ended(KEY, 0xabc)).isNull();
    assertThat(disk.names()).isEmpty();
    assertThat(store.state().bytes()).isZero();
  }

  @Test
  void whatTheDiskIsTooSlowForIsLeftOut() throws IOException {
    DvrConfig config =
        new DvrConfig(
            Duration.ofHours(1), List.of("*"), ByteSize.ofMiB(100), "", ByteSize.ofMiB(1));
    DvrStore store = new DvrStore(config, disk, meters, Instant::now, nanos::get);
    stores.add(store);
    HlsArchive.Run run = store.begin(KEY, 0xabc);
    keep(run, 0, 30); // nothing is written before the start
    assertThat(kept("queue_full")).isEqualTo(20);
    store.start();
    awaitKept("written", 10);
  }

  @Test
  void aDirectoryHasTheSameFacts(@TempDir Path directory) throws IOException {
    DvrStore store = started(new LocalDvrDisk(directory), Duration.ofHours(1), 100);
    HlsArchive.Run run = store.begin(new StreamKey("live", "a"), 0xabc);
    keep(run, 0, 12);
    run.end();
    awaitKept("written", 12);
    MediaPlaylist list = ended(store);
    store.close();
    DvrStore again = started(new LocalDvrDisk(directory), Duration.ofHours(1), 100);
    assertThat(playlist(again, 0)).isEqualTo(list);
    wallMs.addAndGet(Duration.ofHours(2).toMillis());
    sweep(again);
    assertThat(directory.resolve("live/a")).doesNotExist();
  }

  @Test
  void onlyStreamsThatAreNamedAreKept() throws IOException {
    DvrConfig config =
        new DvrConfig(
            Duration.ofHours(1), List.of("team-*"), ByteSize.ofMiB(100), "", ByteSize.ofMiB(1));
    DvrStore store = new DvrStore(config, disk, meters, Instant::now, nanos::get);
    stores.add(store);
    assertThat(store.windowMs(new StreamKey("live", "team-a"))).isEqualTo(3_600_000);
    assertThat(store.windowMs(new StreamKey("live", "other"))).isZero();
    assertThat(store.windowMs(new StreamKey("other", "team-a"))).as("is not given by HLS").isZero();
  }
}
