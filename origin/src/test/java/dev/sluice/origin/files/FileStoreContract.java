package dev.sluice.origin.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/**
 * What {@link FileStore} says, as a test: a store's own test class implements this and has these
 * tests besides its own.
 */
public interface FileStoreContract {
  FilePath NAME = new FilePath("films/one.flv");

  /** The store, empty at first. */
  FileStore store();

  /** From here on {@link #store} is what the next process finds. */
  void restart(StoreLimits limits) throws IOException;

  /** What was not published takes no room. */
  default void assertNothingLeftOver() throws IOException {
    long stored = store().list("", "", 1000).stream().mapToLong(StoredFile::size).sum();
    assertThat(store().bytesInUse()).isEqualTo(stored);
  }

  static BodySource body(String... parts) {
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

  default PutResult put(FilePath path, String... parts) throws InterruptedException {
    return store().put(path, WriteCondition.NONE, body(parts), -1, ContentDigests.NONE);
  }

  private PutResult putIf(String ifMatch, String ifNoneMatch, String text)
      throws InterruptedException {
    WriteCondition condition = WriteCondition.parse(ifMatch, ifNoneMatch);
    return store().put(NAME, condition, body(text), -1, ContentDigests.NONE);
  }

  default String read(FilePath path) throws IOException {
    try (OpenFile file = store().open(path)) {
      assertThat(file).as(path.value()).isNotNull();
      return read(file);
    }
  }

  private static String read(OpenFile file) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
    while (bytes.hasRemaining()) {
      assertThat(file.content().read(bytes, bytes.position())).isPositive();
    }
    assertThat(file.content().read(ByteBuffer.allocate(1), file.size())).isEqualTo(-1);
    return new String(bytes.array(), StandardCharsets.UTF_8);
  }

  static String sha256(String text) {
    return HexFormat.of()
        .formatHex(ContentDigests.digest("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  static Refusal refusal(PutResult result) {
    assertThat(result).isInstanceOf(PutResult.Refused.class);
    return ((PutResult.Refused) result).reason();
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  default void aVersionIsThereUnderTheHashOfItsContent() throws Exception {
    PutResult result = put(NAME, "Hello ", "world");
    assertThat(result).isInstanceOf(PutResult.Stored.class);
    PutResult.Stored stored = (PutResult.Stored) result;
    assertThat(stored.created()).isTrue();
    String etag = '"' + sha256("Hello world") + '"';
    assertThat(stored.file().etag()).isEqualTo(etag);
    assertThat(read(NAME)).isEqualTo("Hello world");
    assertThat(store().list("", "", 10)).containsExactly(stored.file());
    try (OpenFile file = store().open(NAME)) {
      assertThat(file.path()).isEqualTo(NAME);
      assertThat(file.etag()).isEqualTo(etag);
      assertThat(file.hash()).isEqualTo(sha256("Hello world"));
      assertThat(file.modified()).isEqualTo(stored.file().modified());
    }
    assertThat(store().open(new FilePath("films/two.flv"))).isNull();
    assertNothingLeftOver();
  }

  @Test
  default void aRestartKeepsWhatWasPublishedAndNothingElseOfUploads() throws Exception {
    put(NAME, "content");
    FileDraft half = store().create(new FilePath("half"), WriteCondition.NONE, -1);
    half.append(bytes("half"));
    restart(StoreLimits.NONE);
    assertThat(read(NAME)).isEqualTo("content");
    assertThat(store().list("", "", 10).getFirst().etag()).isEqualTo('"' + sha256("content") + '"');
    assertThat(store().list("", "", 10)).hasSize(1);
    assertThat(store().keptDrafts()).isEmpty();
    assertThat(store().bytesInUse()).isEqualTo(7);
    half.close();
  }

  @Test
  default void aDraftIsSeenWhenItIsPublishedAndNotBefore() throws Exception {
    try (FileDraft draft = store().create(NAME, WriteCondition.NONE, -1)) {
      draft.append(bytes("Hello "));
      draft.append(bytes("world"));
      assertThat(store().open(NAME)).isNull();
      assertThat(store().list("", "", 10)).isEmpty();
      assertThat(draft.publish(null).file().etag()).isEqualTo('"' + sha256("Hello world") + '"');
    }
    assertThat(read(NAME)).isEqualTo("Hello world");
    assertNothingLeftOver();
  }

  @Test
  default void ofTwoWhoReplaceTheSameVersionOneIsRefusedWhenItPublishes() throws Exception {
    put(NAME, "first");
    WriteCondition first = WriteCondition.parse('"' + sha256("first") + '"', null);
    try (FileDraft one = store().create(NAME, first, -1);
        FileDraft two = store().create(NAME, first, -1)) {
      one.append(bytes("one"));
      two.append(bytes("two"));
      assertThat(one.publish(sha256("one")).created()).isFalse();
      assertThatThrownBy(() -> two.publish(sha256("two")))
          .isInstanceOfSatisfying(
              StoreException.class,
              e -> assertThat(e.reason()).isEqualTo(Refusal.PRECONDITION_FAILED));
    }
    assertThat(read(NAME)).isEqualTo("one");
    assertNothingLeftOver();
  }

  @Test
  default void aKeptDraftOutlivesTheProcessAndIsPublishedByTheNext() throws Exception {
    KeptDraft crashed = store().createKept(NAME);
    crashed.append(bytes("HEAD? then what was recorded, then some to"));
    crashed.sync();
    assertThat(store().open(NAME)).isNull();
    assertThat(store().list("", "", 10)).isEmpty();
    restart(StoreLimits.NONE);
    assertThat(store().keptDrafts()).containsExactly(NAME);
    assertThat(store().open(NAME)).isNull();
    try (KeptDraft draft = store().reopen(NAME)) {
      assertThat(draft.path()).isEqualTo(NAME);
      assertThat(draft.size()).isEqualTo(42);
      ByteBuffer some = ByteBuffer.allocate(4);
      assertThat(draft.read(some, 6)).isEqualTo(4);
      assertThat(some.array()).isEqualTo("then".getBytes(StandardCharsets.UTF_8));
      assertThat(draft.read(ByteBuffer.allocate(1), 42)).isEqualTo(-1);
      draft.truncate(28);
      draft.writeHead(bytes("HEAD!"));
      draft.append(bytes("."));
      assertThat(draft.publish(null).created()).isTrue();
    }
    String whole = "HEAD! then what was recorded.";
    assertThat(read(NAME)).isEqualTo(whole);
    assertThat(store().list("", "", 10).getFirst().etag()).isEqualTo('"' + sha256(whole) + '"');
    assertThat(store().keptDrafts()).isEmpty();
    assertThat(store().bytesInUse()).isEqualTo(whole.length());
    crashed.close();
  }

  @Test
  default void aKeptDraftThatIsDiscardedIsGoneAndOneThatIsClosedIsNot() throws Exception {
    KeptDraft one = store().createKept(new FilePath("a/one"));
    KeptDraft two = store().createKept(new FilePath("a/two"));
    one.append(bytes("x"));
    two.append(bytes("y"));
    one.discard();
    two.close();
    assertThat(store().keptDrafts()).containsExactly(new FilePath("a/two"));
    assertThat(store().reopen(new FilePath("a/one"))).isNull();
    assertThatThrownBy(() -> two.append(bytes("z"))).isInstanceOf(StoreException.class);
    try (KeptDraft again = store().reopen(new FilePath("a/two"))) {
      assertThat(again.size()).isEqualTo(1);
      again.discard();
    }
    assertThat(store().keptDrafts()).isEmpty();
    assertThat(store().list("", "", 10)).isEmpty();
  }

  @Test
  default void aNameThatAFileOrAKeptDraftHasBeginsNoOther() throws Exception {
    put(NAME, "stored");
    assertThat(store().createKept(NAME)).isNull();
    FilePath other = new FilePath("recordings/x.flv");
    try (KeptDraft draft = store().createKept(other)) {
      assertThat(draft).isNotNull();
      assertThat(store().createKept(other)).isNull();
    }
  }

  @Test
  default void aKeptDraftMayGrowBeyondTheLimits() throws Exception {
    restart(new StoreLimits(4, 4));
    try (KeptDraft draft = store().createKept(NAME)) {
      draft.append(bytes("12345"));
      draft.publish(null);
    }
    assertThat(read(NAME)).isEqualTo("12345");
    assertThat(refusal(put(new FilePath("two"), "1"))).isEqualTo(Refusal.NO_SPACE);
  }

  @Test
  default void keepsAnOpenVersionReadableWhileItIsReplacedAndDeleted() throws Exception {
    put(NAME, "old version");
    try (OpenFile open = store().open(NAME)) {
      put(NAME, "new");
      assertThat(store().delete(NAME, WriteCondition.NONE))
          .isInstanceOf(DeleteResult.Deleted.class);
      assertThat(read(open)).isEqualTo("old version");
      assertThat(open.etag()).isEqualTo('"' + sha256("old version") + '"');
    }
  }

  @Test
  default void keepsTheOldVersionWhenAnUploadBreaksOff() throws Exception {
    put(NAME, "old");
    assertThat(refusal(put(NAME, "half of the n", "BREAK"))).isEqualTo(Refusal.INCOMPLETE);
    assertThat(refusal(store().put(NAME, WriteCondition.NONE, body("abc"), 4, ContentDigests.NONE)))
        .isEqualTo(Refusal.INCOMPLETE);
    assertThat(read(NAME)).isEqualTo("old");
    assertThat(store().bytesInUse()).isEqualTo(3);
    assertNothingLeftOver();
  }

  @Test
  default void holdsToItsQuotaAndGetsRoomBackByDeleting() throws Exception {
    restart(new StoreLimits(8, 10));
    FilePath other = new FilePath("two");
    assertThat(refusal(put(NAME, "123456789"))).isEqualTo(Refusal.TOO_LARGE);
    assertThat(put(NAME, "1234567")).isInstanceOf(PutResult.Stored.class);
    assertThat(refusal(put(other, "12", "34"))).isEqualTo(Refusal.NO_SPACE);
    assertThat(refusal(store().put(other, WriteCondition.NONE, body(), 4, ContentDigests.NONE)))
        .isEqualTo(Refusal.NO_SPACE);
    store().delete(NAME, WriteCondition.NONE);
    assertThat(put(other, "12", "34")).isInstanceOf(PutResult.Stored.class);
    assertThat(store().bytesInUse()).isEqualTo(4);
  }

  @Test
  default void changesOnlyTheVersionThatTheClientNames() throws Exception {
    assertThat(refusal(putIf("*", null, "x"))).isEqualTo(Refusal.PRECONDITION_FAILED);
    assertThat(putIf(null, "*", "first")).isInstanceOf(PutResult.Stored.class);
    assertThat(refusal(putIf(null, "*", "x"))).isEqualTo(Refusal.PRECONDITION_FAILED);
    String first = '"' + sha256("first") + '"';
    assertThat(refusal(putIf("W/" + first, null, "x"))).isEqualTo(Refusal.PRECONDITION_FAILED);
    assertThat(putIf("\"other\", " + first, null, "second")).isInstanceOf(PutResult.Stored.class);
    assertThat(refusal(putIf(first, null, "x"))).isEqualTo(Refusal.PRECONDITION_FAILED);
    assertThat(store().delete(NAME, WriteCondition.parse(first, null)))
        .isInstanceOf(DeleteResult.Refused.class);
    assertThat(read(NAME)).isEqualTo("second");
  }

  @Test
  default void refusesContentThatDiffersFromItsDigest() throws Exception {
    put(NAME, "old");
    byte[] sha512 = ContentDigests.digest("SHA-512").digest("new".getBytes(StandardCharsets.UTF_8));
    String good = "md5=:AAAA:, sha-512=:" + Base64.getEncoder().encodeToString(sha512) + ":";
    sha512[0]++;
    String bad = "sha-512=:" + Base64.getEncoder().encodeToString(sha512) + ":";
    assertThat(
            refusal(
                store()
                    .put(
                        NAME,
                        WriteCondition.NONE,
                        body("new"),
                        3,
                        ContentDigests.parse(bad, null))))
        .isEqualTo(Refusal.DIGEST_MISMATCH);
    assertThat(read(NAME)).isEqualTo("old");
    assertThat(
            store()
                .put(NAME, WriteCondition.NONE, body("new"), 3, ContentDigests.parse(null, good)))
        .isInstanceOf(PutResult.Stored.class);
    assertThatThrownBy(() -> ContentDigests.parse("sha-256=:AAAA:"))
        .hasMessageContaining("expected: sha-256=:BASE64 of 32 bytes:");
    assertThatThrownBy(() -> ContentDigests.parse("nonsense")).hasMessageContaining("expected:");
  }

  @Test
  default void endsWithOneWholeVersionWhenManyWriteTheSamePath() throws Exception {
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
    try (OpenFile file = store().open(NAME)) {
      assertThat(file.etag()).isEqualTo('"' + sha256(kept) + '"');
    }
    assertThat(store().bytesInUse()).isEqualTo(kept.length());
    assertNothingLeftOver();
  }

  @Test
  default void listsInTheOrderOfWholeNamesPageByPage() throws Exception {
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
      List<StoredFile> page = store().list("", after, 3);
      if (page.isEmpty()) {
        break;
      }
      page.forEach(file -> listed.add(file.path().value()));
      after = listed.getLast();
    }
    assertThat(listed).isEqualTo(names);
    assertThat(store().list("a/", "", 10))
        .extracting(f -> f.path().value())
        .containsExactly("a/b", "a/c/d");
    assertThat(store().list("a/c", "a/b", 10))
        .extracting(f -> f.path().value())
        .containsExactly("a/c/d");
    assertThat(store().list("nothing", "", 10)).isEmpty();
  }

  @Test
  default void releasesTheBufferThatMeetsALimit() throws Exception {
    restart(new StoreLimits(4, 100));
    ByteBuf buffer = Unpooled.buffer().writeLong(1);
    assertThat(
            refusal(store().put(NAME, WriteCondition.NONE, () -> buffer, -1, ContentDigests.NONE)))
        .isEqualTo(Refusal.TOO_LARGE);
    assertThat(buffer.refCnt()).isZero();
  }
}
