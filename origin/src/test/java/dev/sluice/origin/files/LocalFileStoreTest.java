package dev.sluice.origin.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class LocalFileStoreTest {
  private static final FilePath NAME = new FilePath("films/one.flv");

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

  private static BodySource body(String... parts) {
    List<String> left = new ArrayList<>(List.of(parts));
    return () -> {
      if (left.isEmpty()) {
        return null;
      }
      String part = left.removeFirst();
      if (part.equals("BREAK")) {
        throw new UploadBroken("the client left");
      }
      return Unpooled.copiedBuffer(part, StandardCharsets.UTF_8);
    };
  }

  private PutResult put(FilePath path, String... parts) throws InterruptedException {
    return store.put(path, WriteCondition.NONE, body(parts), -1, ContentDigests.NONE);
  }

  private PutResult putIf(String ifMatch, String ifNoneMatch, String text)
      throws InterruptedException {
    WriteCondition condition = WriteCondition.parse(ifMatch, ifNoneMatch);
    return store.put(NAME, condition, body(text), -1, ContentDigests.NONE);
  }

  private String read(FilePath path) throws IOException {
    try (OpenFile file = store.open(path)) {
      assertThat(file).as(path.value()).isNotNull();
      ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
      assertThat(file.content().read(bytes, 0)).isEqualTo((int) file.size());
      return new String(bytes.array(), StandardCharsets.UTF_8);
    }
  }

  private static String sha256(String text) {
    return HexFormat.of()
        .formatHex(ContentHashes.digest("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static Refusal refusal(PutResult result) {
    assertThat(result).isInstanceOf(PutResult.Refused.class);
    return ((PutResult.Refused) result).reason();
  }

  private void assertNothingLeftOver() throws IOException {
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
    assertThat(stored.file().etag()).isEqualTo('"' + sha256("Hello world") + '"');
    assertThat(read(NAME)).isEqualTo("Hello world");
    assertThat(Files.readString(directory.resolve("films/one.flv"))).isEqualTo("Hello world");
    assertNothingLeftOver();
  }

  @Test
  void keepsAnOpenVersionReadableWhileItIsReplacedAndDeleted() throws Exception {
    put(NAME, "old version");
    try (OpenFile open = store.open(NAME)) {
      put(NAME, "new");
      assertThat(store.delete(NAME, WriteCondition.NONE)).isInstanceOf(DeleteResult.Deleted.class);
      ByteBuffer bytes = ByteBuffer.allocate(11);
      open.content().read(bytes, 0);
      assertThat(new String(bytes.array(), StandardCharsets.UTF_8)).isEqualTo("old version");
      assertThat(open.etag()).isEqualTo('"' + sha256("old version") + '"');
    }
  }

  @Test
  void keepsTheOldVersionWhenAnUploadBreaksOff() throws Exception {
    put(NAME, "old");
    assertThat(refusal(put(NAME, "half of the n", "BREAK"))).isEqualTo(Refusal.INCOMPLETE);
    assertThat(refusal(store.put(NAME, WriteCondition.NONE, body("abc"), 4, ContentDigests.NONE)))
        .isEqualTo(Refusal.INCOMPLETE);
    assertThat(read(NAME)).isEqualTo("old");
    assertThat(store.bytesInUse()).isEqualTo(3);
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
    assertThat(refusal(put(NAME, "1234", "5678"))).isEqualTo(Refusal.NO_SPACE);
    assertThat(read(NAME)).isEqualTo("old");
    assertThat(store.bytesInUse()).isEqualTo(3);
    assertThat(put(NAME, "12345")).isInstanceOf(PutResult.Stored.class);
    assertNothingLeftOver();
  }

  @Test
  void holdsToItsQuotaAndGetsRoomBackByDeleting() throws Exception {
    store.close();
    store = LocalFileStore.open(directory, new StoreLimits(8, 10));
    FilePath other = new FilePath("two");
    assertThat(refusal(put(NAME, "123456789"))).isEqualTo(Refusal.TOO_LARGE);
    assertThat(put(NAME, "1234567")).isInstanceOf(PutResult.Stored.class);
    assertThat(refusal(put(other, "12", "34"))).isEqualTo(Refusal.NO_SPACE);
    assertThat(refusal(store.put(other, WriteCondition.NONE, body(), 4, ContentDigests.NONE)))
        .isEqualTo(Refusal.NO_SPACE);
    store.delete(NAME, WriteCondition.NONE);
    assertThat(put(other, "12", "34")).isInstanceOf(PutResult.Stored.class);
    assertThat(store.bytesInUse()).isEqualTo(4);
  }

  @Test
  void changesOnlyTheVersionThatTheClientNames() throws Exception {
    assertThat(refusal(putIf("*", null, "x"))).isEqualTo(Refusal.PRECONDITION_FAILED);
    assertThat(putIf(null, "*", "first")).isInstanceOf(PutResult.Stored.class);
    assertThat(refusal(putIf(null, "*", "x"))).isEqualTo(Refusal.PRECONDITION_FAILED);
    String first = '"' + sha256("first") + '"';
    assertThat(refusal(putIf("W/" + first, null, "x"))).isEqualTo(Refusal.PRECONDITION_FAILED);
    assertThat(putIf("\"other\", " + first, null, "second")).isInstanceOf(PutResult.Stored.class);
    assertThat(refusal(putIf(first, null, "x"))).isEqualTo(Refusal.PRECONDITION_FAILED);
    assertThat(store.delete(NAME, WriteCondition.parse(first, null)))
        .isInstanceOf(DeleteResult.Refused.class);
    assertThat(read(NAME)).isEqualTo("second");
  }

  @Test
  void refusesContentThatDiffersFromItsDigest() throws Exception {
    put(NAME, "old");
    byte[] sha512 = ContentHashes.digest("SHA-512").digest("new".getBytes(StandardCharsets.UTF_8));
    String good = "md5=:AAAA:, sha-512=:" + Base64.getEncoder().encodeToString(sha512) + ":";
    sha512[0]++;
    String bad = "sha-512=:" + Base64.getEncoder().encodeToString(sha512) + ":";
    assertThat(
            refusal(
                store.put(
                    NAME, WriteCondition.NONE, body("new"), 3, ContentDigests.parse(bad, null))))
        .isEqualTo(Refusal.DIGEST_MISMATCH);
    assertThat(read(NAME)).isEqualTo("old");
    assertThat(
            store.put(NAME, WriteCondition.NONE, body("new"), 3, ContentDigests.parse(null, good)))
        .isInstanceOf(PutResult.Stored.class);
    assertThatThrownBy(() -> ContentDigests.parse("sha-256=:AAAA:"))
        .hasMessageContaining("expected: sha-256=:BASE64 of 32 bytes:");
    assertThatThrownBy(() -> ContentDigests.parse("nonsense")).hasMessageContaining("expected:");
  }

  @Test
  void refusesAFileWhereADirectoryIsAndTheOtherWayRound() throws Exception {
    put(new FilePath("a/b/c"), "x");
    assertThat(refusal(put(new FilePath("a/b"), "x"))).isEqualTo(Refusal.PATH_CLASH);
    assertThat(refusal(put(new FilePath("a/b/c/d"), "x"))).isEqualTo(Refusal.PATH_CLASH);
    assertThat(refusal(put(new FilePath("a/b/c/d/e"), "x"))).isEqualTo(Refusal.PATH_CLASH);
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
  void endsWithOneWholeVersionWhenManyWriteTheSamePath() throws Exception {
    int writers = 8;
    CountDownLatch go = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      String text = String.valueOf((char) ('a' + i)).repeat(50_000 + i);
      texts.add(text);
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      go.await();
                      put(NAME, text.substring(0, 20_000), text.substring(20_000));
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  }));
    }
    go.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    String kept = read(NAME);
    assertThat(texts).contains(kept);
    try (OpenFile file = store.open(NAME)) {
      assertThat(file.etag()).isEqualTo('"' + sha256(kept) + '"');
    }
    assertThat(store.bytesInUse()).isEqualTo(kept.length());
    assertNothingLeftOver();
  }

  @Test
  void knowsFilesPutInByHandAndNoticesWhenTheyChange() throws Exception {
    Files.writeString(directory.resolve("by-hand.flv"), "one");
    FilePath path = new FilePath("by-hand.flv");
    assertThat(store.list("", "", 10).getFirst().etag()).isNull();
    try (OpenFile file = store.open(path)) {
      assertThat(file.etag()).isEqualTo('"' + sha256("one") + '"');
    }
    assertThat(store.list("", "", 10).getFirst().etag()).isEqualTo('"' + sha256("one") + '"');
    Files.writeString(directory.resolve("by-hand.flv"), "longer");
    try (OpenFile file = store.open(path)) {
      assertThat(file.etag()).isEqualTo('"' + sha256("longer") + '"');
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
    assertThat(store.list("", "", 1).getFirst().etag()).isEqualTo('"' + sha256("content") + '"');
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
      assertThat(file.etag()).isEqualTo('"' + sha256("content") + '"');
    }
  }

  @Test
  void refusesADirectoryThatAnotherOriginUses() {
    assertThatThrownBy(() -> LocalFileStore.open(directory, StoreLimits.NONE))
        .hasMessageContaining("is in use by another origin");
  }

  @Test
  void listsInTheOrderOfWholeNamesPageByPage() throws Exception {
    List<String> names =
        new ArrayList<>(List.of("a-b", "a.b", "a/b", "a/c/d", "a0", "b", "films/x", "films/y/z"));
    List<String> shuffled = new ArrayList<>(names);
    Collections.shuffle(shuffled, new Random(1));
    for (String name : shuffled) {
      put(new FilePath(name), "x");
    }
    names.sort(null);
    List<String> listed = new ArrayList<>();
    String after = "";
    while (true) {
      List<StoredFile> page = store.list("", after, 3);
      if (page.isEmpty()) {
        break;
      }
      page.forEach(file -> listed.add(file.path().value()));
      after = listed.getLast();
    }
    assertThat(listed).isEqualTo(names);
    assertThat(store.list("a/", "", 10))
        .extracting(f -> f.path().value())
        .containsExactly("a/b", "a/c/d");
    assertThat(store.list("a/c", "a/b", 10))
        .extracting(f -> f.path().value())
        .containsExactly("a/c/d");
    assertThat(store.list("nothing", "", 10)).isEmpty();
  }

  @Test
  void adoptsAFinishedFileFromTheWorkDirectory() throws Exception {
    Path made = Files.writeString(store.workDirectory().resolve("recording"), "recorded");
    assertThat(store.adopt(made, new FilePath("recordings/x/1.flv")))
        .isInstanceOf(PutResult.Stored.class);
    assertThat(made).doesNotExist();
    assertThat(read(new FilePath("recordings/x/1.flv"))).isEqualTo("recorded");
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
  void releasesTheBufferThatMeetsALimit() throws Exception {
    store.close();
    store = LocalFileStore.open(directory, new StoreLimits(4, 100));
    ByteBuf buffer = Unpooled.buffer().writeLong(1);
    assertThat(refusal(store.put(NAME, WriteCondition.NONE, () -> buffer, -1, ContentDigests.NONE)))
        .isEqualTo(Refusal.TOO_LARGE);
    assertThat(buffer.refCnt()).isZero();
  }
}
