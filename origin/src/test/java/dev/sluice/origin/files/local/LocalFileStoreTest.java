package dev.sluice.origin.files.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.origin.files.DeleteResult;
import dev.sluice.origin.files.FilePath;
import dev.sluice.origin.files.FileStore;
import dev.sluice.origin.files.FileStoreContract;
import dev.sluice.origin.files.KeptDraft;
import dev.sluice.origin.files.OpenFile;
import dev.sluice.origin.files.PutResult;
import dev.sluice.origin.files.Refusal;
import dev.sluice.origin.files.StoreLimits;
import dev.sluice.origin.files.WriteCondition;
import dev.sluice.testkit.LeakCheck;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class LocalFileStoreTest implements FileStoreContract {
  @TempDir Path directory;
  private LocalFileStore store;

  @BeforeEach
  void open() throws IOException {
    store = LocalFileStore.open(directory, StoreLimits.NONE);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  @Override
  public FileStore store() {
    return store;
  }

  @Override
  public void restart(StoreLimits limits) throws IOException {
    store.close();
    store = LocalFileStore.open(directory, limits);
  }

  @Override
  public void assertNothingLeftOver() throws IOException {
    try (Stream<Path> left = Files.list(directory.resolve(".sluice/tmp"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void storesAVersionUnderTheHashOfItsContent() throws Exception {
    PutResult result = put(NAME, "Hello ", "world");
    assertThat(result).isInstanceOf(PutResult.Stored.class);
    PutResult.Stored stored = (PutResult.Stored) result;
    assertThat(stored.created()).isTrue();
    assertThat(stored.file().etag()).isEqualTo('"' + FileStoreContract.sha256("Hello world") + '"');
    assertThat(read(NAME)).isEqualTo("Hello world");
    assertThat(Files.readString(directory.resolve("films/one.flv"))).isEqualTo("Hello world");
    assertNothingLeftOver();
  }

  @Test
  void keepsTheOldVersionWhenTheDiskIsFull() throws Exception {
    put(NAME, "old");
    store.close();
    store =
        new LocalFileStore(
            directory,
            StoreLimits.NONE,
            file -> {
              PartFile real = PartFile.create(file);
              return new PartFile() {
                private int written;

                @Override
                public void write(ByteBuffer bytes) throws IOException {
                  written += bytes.remaining();
                  if (written > 5) {
                    throw new IOException("No space left on device");
                  }
                  real.write(bytes);
                }

                @Override
                public void sync() throws IOException {
                  real.sync();
                }

                @Override
                public void close() throws IOException {
                  real.close();
                }
              };
            });
    assertThat(FileStoreContract.refusal(put(NAME, "1234", "5678"))).isEqualTo(Refusal.NO_SPACE);
    assertThat(read(NAME)).isEqualTo("old");
    assertThat(store.bytesInUse()).isEqualTo(3);
    assertThat(put(NAME, "12345")).isInstanceOf(PutResult.Stored.class);
    assertNothingLeftOver();
  }

  @Test
  void refusesAFileWhereADirectoryIsAndTheOtherWayRound() throws Exception {
    put(new FilePath("a/b/c"), "x");
    assertThat(FileStoreContract.refusal(put(new FilePath("a/b"), "x")))
        .isEqualTo(Refusal.PATH_CLASH);
    assertThat(FileStoreContract.refusal(put(new FilePath("a/b/c/d"), "x")))
        .isEqualTo(Refusal.PATH_CLASH);
    assertThat(FileStoreContract.refusal(put(new FilePath("a/b/c/d/e"), "x")))
        .isEqualTo(Refusal.PATH_CLASH);
    assertThat(store.open(new FilePath("a/b"))).isNull();
    assertThat(store.open(new FilePath("a/b/c/d"))).isNull();
    assertThat(store.delete(new FilePath("a/b"), WriteCondition.NONE))
        .isInstanceOf(DeleteResult.Absent.class);
    assertThat(read(new FilePath("a/b/c"))).isEqualTo("x");
  }

  @Test
  void removesDirectoriesThatADeletionEmpties() throws Exception {
    put(new FilePath("a/b/c"), "x");
    put(new FilePath("a/d"), "x");
    store.delete(new FilePath("a/b/c"), WriteCondition.NONE);
    assertThat(directory.resolve("a/b")).doesNotExist();
    assertThat(directory.resolve("a/d")).exists();
    assertThat(put(new FilePath("a/b"), "now a file")).isInstanceOf(PutResult.Stored.class);
  }

  @Test
  void knowsFilesPutInByHandAndNoticesWhenTheyChange() throws Exception {
    Files.writeString(directory.resolve("by-hand.flv"), "one");
    FilePath path = new FilePath("by-hand.flv");
    assertThat(store.list("", "", 10).getFirst().etag()).isNull();
    try (OpenFile file = store.open(path)) {
      assertThat(file.etag()).isEqualTo('"' + FileStoreContract.sha256("one") + '"');
    }
    assertThat(store.list("", "", 10).getFirst().etag())
        .isEqualTo('"' + FileStoreContract.sha256("one") + '"');
    Files.writeString(directory.resolve("by-hand.flv"), "longer");
    try (OpenFile file = store.open(path)) {
      assertThat(file.etag()).isEqualTo('"' + FileStoreContract.sha256("longer") + '"');
    }
  }

  @Test
  void remembersHashesAcrossARestartAndSweepsUploads() throws Exception {
    put(NAME, "content");
    Files.writeString(directory.resolve(".sluice/tmp/upload-7"), "half");
    store.close();
    store = LocalFileStore.open(directory, StoreLimits.NONE);
    assertNothingLeftOver();
    assertThat(store.bytesInUse()).isEqualTo(7);
    // A listing never computes a hash, so this one comes from the note.
    assertThat(store.list("", "", 1).getFirst().etag())
        .isEqualTo('"' + FileStoreContract.sha256("content") + '"');
  }

  @Test
  void computesAgainWhenANoteIsTorn() throws Exception {
    put(NAME, "content");
    store.close();
    try (Stream<Path> notes = Files.walk(directory.resolve(".sluice/meta"))) {
      for (Path note : notes.filter(Files::isRegularFile).toList()) {
        Files.writeString(note, Files.readString(note).substring(0, 70));
      }
    }
    store = LocalFileStore.open(directory, StoreLimits.NONE);
    try (OpenFile file = store.open(NAME)) {
      assertThat(file.etag()).isEqualTo('"' + FileStoreContract.sha256("content") + '"');
    }
  }

  @Test
  void refusesADirectoryThatAnotherOriginUses() {
    assertThatThrownBy(() -> LocalFileStore.open(directory, StoreLimits.NONE))
        .hasMessageContaining("is in use by another origin");
  }

  @Test
  void refusesPathsThatCouldLeaveTheDirectoryOrHide() {
    for (String bad :
        List.of(
            "",
            "/",
            "a/",
            "/a",
            "a//b",
            "..",
            "a/../b",
            ".sluice/meta/x",
            "a/.hidden",
            ".",
            "a\\b",
            "a\0b",
            "a\nb",
            "\ud800",
            "x".repeat(201),
            "a/".repeat(16) + "b",
            "é".repeat(101),
            ("x".repeat(199) + "/").repeat(5) + "x".repeat(30))) {
      assertThat(FilePath.fault(bad)).as(bad).isNotNull();
      assertThatThrownBy(() -> new FilePath(bad)).isInstanceOf(IllegalArgumentException.class);
    }
    for (String good : List.of("a", "a b", "ä/ö.flv", "a..b", "-", "~x", "a/b/c.d", "日本.mp4")) {
      assertThat(FilePath.fault(good)).as(good).isNull();
    }
  }

  @Test
  void aDraftLiesUnderItsNameWhereItIsFoundByHandToo() throws Exception {
    FilePath path = new FilePath("recordings/x/1.flv");
    try (KeptDraft draft = store.createKept(path)) {
      draft.append(ByteBuffer.wrap("recorded".getBytes(StandardCharsets.UTF_8)));
      Path part = directory.resolve(".sluice/work/recordings/x/1.flv.part");
      assertThat(part).hasContent("recorded");
      draft.publish(null);
      assertThat(directory.resolve("recordings/x/1.flv")).hasContent("recorded");
      assertThat(directory.resolve(".sluice/work")).isEmptyDirectory();
    }
  }
}
