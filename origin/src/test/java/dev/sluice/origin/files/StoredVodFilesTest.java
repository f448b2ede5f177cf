package dev.sluice.origin.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.media.vod.VodFile;
import dev.sluice.media.vod.VodSource.Absent;
import dev.sluice.media.vod.VodSource.Found;
import dev.sluice.media.vod.VodSource.Opened;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Files for players over RTMP, from a store that is on no disk. */
@ExtendWith(LeakCheck.class)
class StoredVodFilesTest {
  private final EventLoops loops = EventLoops.create(1);
  private final EventLoop loop = loops.next();
  private final MemoryFileStore store = new MemoryFileStore(StoreLimits.NONE);
  private final StoredVodFiles files = new StoredVodFiles(store);

  @AfterEach
  void stop() {
    loops.close();
  }

  private Opened open(String path) throws Exception {
    CompletableFuture<Opened> answer = new CompletableFuture<>();
    loop.execute(() -> files.open(path, loop, answer::complete));
    return answer.get(90, TimeUnit.SECONDS);
  }

  private String read(VodFile file, long position, int max) throws Exception {
    CompletableFuture<String> answer = new CompletableFuture<>();
    VodFile.Reader reader =
        new VodFile.Reader() {
          @Override
          public void bytes(ByteBuf bytes) {
            answer.complete(bytes.toString(StandardCharsets.UTF_8));
            bytes.release();
          }

          @Override
          public void failed(String why) {
            answer.complete("failed: " + why);
          }
        };
    loop.execute(() -> file.read(position, max, reader));
    return answer.get(90, TimeUnit.SECONDS);
  }

  @Test
  void aPlayerReadsWhereItLikesInTheVersionItHasOpened() throws Exception {
    FilePath path = new FilePath("film.flv");
    store.put(
        path, WriteCondition.NONE, FileStoreContract.body("0123456789"), -1, ContentDigests.NONE);
    VodFile film = ((Found) open("film.flv")).file();
    store.delete(path, WriteCondition.NONE);
    assertThat(film.length()).isEqualTo(10);
    assertThat(read(film, 3, 4)).isEqualTo("3456");
    assertThat(read(film, 8, 100)).isEqualTo("89");
    loop.execute(film::close);
    assertThat(read(film, 0, 1)).isEqualTo("failed: closed");
    assertThat(open("film.flv")).isInstanceOf(Absent.class);
    assertThat(open("../film.flv")).isInstanceOf(Absent.class);
  }
}
