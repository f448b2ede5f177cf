package dev.sluice.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.edge.cache.disk.CacheMeters;
import dev.sluice.media.vod.VodFile;
import dev.sluice.media.vod.VodSource;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.ManualClock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.EventLoop;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Files of the cache as players over RTMP read them. */
@ExtendWith(LeakCheck.class)
class CachedFileTest {
  private static final int SLICE = CacheTestNode.SLICE;
  private static final byte[] FILM = new byte[5 * SLICE + 12_345];

  static {
    new Random(4).nextBytes(FILM);
  }

  @TempDir Path dir;
  private EventLoops loops;
  private TestOrigin origin;
  private CacheTestNode node;
  private EventLoop loop;

  @BeforeEach
  void start() throws IOException {
    loops = EventLoops.create(2);
    loop = loops.next();
    origin = new TestOrigin(loops);
    origin.files.put("/vod/films/a b.flv", new TestOrigin.File(FILM, "\"v1\"", "max-age=60"));
    node =
        new CacheTestNode(
            dir, ByteSize.ofMiB(64), ByteSize.ofMiB(8), loops, new ManualClock(), origin.url());
  }

  @AfterEach
  void stop() {
    node.close();
    origin.close();
    loops.close();
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(90, TimeUnit.SECONDS);
  }

  private VodSource.Opened open(String path) throws Exception {
    CompletableFuture<VodSource.Opened> opened = new CompletableFuture<>();
    loop.execute(() -> node.cache.files().open(path, loop, opened::complete));
    return get(opened);
  }

  private VodFile openFilm() throws Exception {
    return ((VodSource.Found) open("films/a b.flv")).file();
  }

  /** What one read brings; its failure as an exception. */
  private byte[] read(VodFile file, long position, int max) throws Exception {
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    loop.execute(
        () ->
            file.read(
                position,
                max,
                new VodFile.Reader() {
                  @Override
                  public void bytes(ByteBuf bytes) {
                    assertThat(loop.inEventLoop()).isTrue();
                    answer.complete(ByteBufUtil.getBytes(bytes));
                    bytes.release();
                  }

                  @Override
                  public void failed(String why) {
                    answer.completeExceptionally(new IOException(why));
                  }
                }));
    return get(answer);
  }

  private byte[] readAll(VodFile file) throws Exception {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (all.size() < file.length()) {
      byte[] part = read(file, all.size(), 64 << 10);
      assertThat(part.length).isBetween(1, 64 << 10);
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private void close(VodFile file) throws Exception {
    loop.submit(file::close).get(90, TimeUnit.SECONDS);
  }

  @Test
  void readsAWholeFileWithOneFetchOfEachSliceAndThenFromDisk() throws Exception {
    VodFile file = openFilm();
    assertThat(file.length()).isEqualTo(FILM.length);
    assertThat(node.cache.deliveries()).isEqualTo(1);
    assertThat(readAll(file)).isEqualTo(FILM);
    close(file);
    close(file);
    assertThat(node.cache.deliveries()).isZero();
    Await.until(Duration.ofSeconds(60), "all on disk", () -> node.count(CacheMeters.FILLS) >= 6);
    assertThat(origin.bytesSent.get()).isEqualTo(FILM.length);
    int asked = origin.asked.size();
    VodFile again = openFilm();
    assertThat(readAll(again)).isEqualTo(FILM);
    close(again);
    assertThat(origin.asked).hasSize(asked);
    assertThat(node.meters.scrape()).contains("sluice_cache_requests_total{result=\"hit\"} 1");
  }

  @Test
  void manyPlayersOfAFileThatIsStillArrivingShareItsFetch() throws Exception {
    origin.pace = 64 << 10;
    List<CompletableFuture<byte[]>> players = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      players.add(
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  VodFile file = openFilm();
                  byte[] all = readAll(file);
                  close(file);
                  return all;
                } catch (Exception e) {
                  throw new AssertionError(e);
                }
              }));
    }
    for (CompletableFuture<byte[]> player : players) {
      assertThat(get(player)).isEqualTo(FILM);
    }
    assertThat(origin.bytesSent.get()).isEqualTo(FILM.length);
  }

  @Test
  void aJumpFetchesTheSliceItLandsInAndNoMore() throws Exception {
    VodFile file = openFilm();
    assertThat(read(file, 0, 10)).hasSize(10);
    int position = 4 * SLICE + 5;
    byte[] part = read(file, position, 100);
    assertThat(part).isEqualTo(Arrays.copyOfRange(FILM, position, position + part.length));
    close(file);
    Await.until(Duration.ofSeconds(60), "both on disk", () -> node.count(CacheMeters.FILLS) >= 2);
    assertThat(origin.bytesSent.get()).isEqualTo(2L * SLICE);
  }

  @Test
  void saysWhatIsNotThereAndWhatCannotBeHad() throws Exception {
    assertThat(open("films/none.flv")).isEqualTo(new VodSource.Absent());
    origin.broken = 500;
    assertThat(open("films/other.flv")).isInstanceOf(VodSource.Unavailable.class);
    origin.broken = 0;
    origin.files.put("/vod/private.flv", new TestOrigin.File(FILM, "\"p\"", "no-store"));
    assertThat(open("private.flv")).isInstanceOf(VodSource.Unavailable.class);
  }

  @Test
  void aReadUnderWayFailsWhenTheFileIsClosed() throws Exception {
    VodFile file = openFilm();
    origin.pace = 1;
    CompletableFuture<String> failed = new CompletableFuture<>();
    loop.execute(
        () -> {
          file.read(
              3L * SLICE,
              100,
              new VodFile.Reader() {
                @Override
                public void bytes(ByteBuf bytes) {
                  bytes.release();
                  failed.complete("bytes");
                }

                @Override
                public void failed(String why) {
                  failed.complete(why);
                }
              });
          file.close();
        });
    assertThat(get(failed)).isEqualTo("closed");
    origin.pace = 0;
  }
}
