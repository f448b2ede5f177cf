package dev.sluice.origin.files.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.origin.files.DeleteResult;
import dev.sluice.origin.files.FileChanging;
import dev.sluice.origin.files.FilePath;
import dev.sluice.origin.files.OpenFile;
import dev.sluice.origin.files.StoreLimits;
import dev.sluice.origin.files.WriteCondition;
import dev.sluice.testkit.Await;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that an operator copies into the directory. */
class CopiedFileTest {
  private static final FilePath PATH = new FilePath("copied.flv");

  @TempDir Path directory;
  private LocalFileStore store;

  @BeforeEach
  void start() throws IOException {
    store = LocalFileStore.open(directory, StoreLimits.NONE);
  }

  @AfterEach
  void stop() throws IOException {
    store.close();
  }

  private void sparse(long bytes) throws IOException {
    try (RandomAccessFile file =
        new RandomAccessFile(directory.resolve("copied.flv").toFile(), "rw")) {
      file.setLength(bytes);
    }
  }

  @Test
  void eightGibibytesAreServedBeforeAnybodyHasReadThem() throws Exception {
    sparse(8L << 30);
    try (OpenFile file = store.open(PATH)) {
      assertThat(file.size()).isEqualTo(8L << 30);
      assertThat(file.etag()).startsWith("\"p").isEqualTo(file.otherTag());
      assertThat(file.hash()).isNull();
      // The same version has the same tag, for every slice that is asked for.
      try (OpenFile again = store.open(PATH)) {
        assertThat(again.etag()).isEqualTo(file.etag());
      }
    }
  }

  @Test
  void whenItHasBeenReadWhoeverKnowsTheFirstTagIsToldItIsStillGood() throws Exception {
    sparse(40L << 20);
    String first;
    try (OpenFile file = store.open(PATH)) {
      first = file.etag();
    }
    Await.until(
        Duration.ofSeconds(60),
        "it has been read",
        () -> {
          try {
            return store.list("", "", 1).getFirst().etag() != null;
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        });
    try (OpenFile file = store.open(PATH)) {
      assertThat(file.hash()).hasSize(64);
      assertThat(file.etag()).isEqualTo('"' + file.hash() + '"');
      assertThat(file.otherTag()).isEqualTo(first);
    }
    assertThat(store.delete(PATH, WriteCondition.parse("\"other\"", null)))
        .isInstanceOf(DeleteResult.Refused.class);
    assertThat(store.delete(PATH, WriteCondition.parse(first, null)))
        .isInstanceOf(DeleteResult.Deleted.class);
  }

  @Test
  void aCopyUnderWayIsNotServedAsAWholeFile() throws Exception {
    AtomicBoolean copying = new AtomicBoolean(true);
    sparse(100);
    Thread copy =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (long bytes = 100; copying.get(); bytes += 100) {
                    try {
                      sparse(bytes);
                    } catch (IOException e) {
                      throw new IllegalStateException(e);
                    }
                    LockSupport.parkNanos(20_000_000);
                  }
                });
    assertThatThrownBy(() -> store.open(PATH)).isInstanceOf(FileChanging.class);
    copying.set(false);
    copy.join();
    try (OpenFile file = store.open(PATH)) {
      assertThat(file.size()).isEqualTo(Files.size(directory.resolve("copied.flv")));
    }
  }

  @Test
  void aChangeThatKeepsLengthAndTimeIsAnotherVersion() throws Exception {
    Path file = Files.writeString(directory.resolve("copied.flv"), "one");
    FileTime time = Files.getLastModifiedTime(file);
    String first;
    try (OpenFile open = store.open(PATH)) {
      first = open.etag();
    }
    Files.writeString(file, "two");
    Files.setLastModifiedTime(file, time);
    try (OpenFile open = store.open(PATH)) {
      assertThat(open.etag()).isNotEqualTo(first);
    }
  }

  @Test
  void aTimeInTheFutureKeepsNobodyWaiting() throws Exception {
    Path file = Files.writeString(directory.resolve("copied.flv"), "one");
    Files.setLastModifiedTime(file, FileTime.from(java.time.Instant.parse("2090-01-01T00:00:00Z")));
    try (OpenFile open = store.open(PATH)) {
      assertThat(open).isNotNull();
    }
  }
}
