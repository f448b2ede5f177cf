package dev.sluice.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.edge.cache.CacheTestNode.View;
import dev.sluice.edge.cache.disk.CacheMeters;
import dev.sluice.edge.cache.disk.SlotFiles;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.ManualClock;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A viewer gets the bytes of one version, or sees that something went wrong. */
@ExtendWith(LeakCheck.class)
class OneVersionTest {
  private static final int SLICE = CacheTestNode.SLICE;
  private static final String PATH = "/vod/film.flv";
  private static final String LM = "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT";
  private static final byte[] OLD = film(1, 3 * SLICE + 777);
  private static final byte[] NEW = film(2, 3 * SLICE + 777);

  @TempDir Path dir;
  private EventLoops loops;
  private RawOrigin origin;
  private CacheTestNode node;
  private final ManualClock clock = new ManualClock();

  /** What the origin has now, and what it says of it. */
  private volatile byte[] bytes = OLD;

  private volatile String[] lines = {};

  private static byte[] film(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @BeforeEach
  void start() throws IOException {
    loops = EventLoops.create(2);
    origin = new RawOrigin((request, out) -> RawOrigin.file(request, out, bytes, lines));
    node = node(origin.url());
  }

  private CacheTestNode node(URI... origins) throws IOException {
    return new CacheTestNode(dir, ByteSize.ofMiB(64), ByteSize.ofMiB(8), loops, clock, origins);
  }

  @AfterEach
  void stop() throws IOException {
    node.close();
    origin.close();
    loops.close();
  }

  private static String[] saying(String validator) {
    return validator.isEmpty()
        ? new String[] {"Cache-Control: max-age=60"}
        : new String[] {"Cache-Control: max-age=60", validator};
  }

  private void stored(int slices) {
    Await.until(
        Duration.ofSeconds(20),
        slices + " slices on disk",
        () -> node.meters.counter(CacheMeters.FILLS, "stored").count() >= slices);
  }

  private View range(int from, int to) throws Exception {
    return node.get(PATH, "Range", "bytes=" + from + "-" + (to - 1));
  }

  private static boolean same(View view, byte[] film) {
    return Arrays.equals(view.body(), film);
  }

  /** A cut is an answer that ends before its announced length, which every client sees. */
  private void assertCutOrWhole() throws Exception {
    View view;
    try {
      view = node.get(PATH);
    } catch (IOException cut) {
      return;
    }
    assertThat(same(view, OLD) || same(view, NEW)).as("one version").isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", LM, "ETag: W/\"a\"", "ETag: unquoted", "ETag: \"half"})
  void aFileThatChangedBetweenSlicesIsNeverTwoVersionsInOne200(String validator) throws Exception {
    lines = saying(validator);
    assertThat(range(0, 100).body()).isEqualTo(Arrays.copyOf(OLD, 100));
    bytes = NEW;
    View whole = node.get(PATH);
    assertThat(whole.status()).isEqualTo(200);
    assertThat(same(whole, OLD) || same(whole, NEW)).as("one version").isTrue();
    stored(4);
    assertThat(node.get(PATH).header("Cache-Status")).contains("hit");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", LM, "ETag: W/\"a\""})
  void aWeakFileIsFetchedInOnePieceAndKept(String validator) throws Exception {
    lines = saying(validator);
    View far = range(2 * SLICE, 2 * SLICE + 10);
    assertThat(far.status()).isEqualTo(206);
    assertThat(far.body()).isEqualTo(Arrays.copyOfRange(OLD, 2 * SLICE, 2 * SLICE + 10));
    stored(4);
    int asked = origin.asked.size();
    assertThat(same(node.get(PATH), OLD)).isTrue();
    View parts = node.get(PATH, "Range", "bytes=0-9,600000-600009");
    assertThat(parts.header("Content-Type")).startsWith("multipart/byteranges");
    assertThat(origin.asked).hasSize(asked);
    assertThat(origin.asked.getLast().header("Range")).isEmpty();
  }

  @Test
  void whatIsMissingOfAWeakFileAfterARestartIsNotFilledUpFromAnotherAnswer() throws Exception {
    lines = saying(LM);
    assertThat(same(node.get(PATH), OLD)).isTrue();
    stored(4);
    node.close();
    bytes = NEW;
    // The record of the third slice is torn, as by a crash.
    try (var meta = new java.io.RandomAccessFile(dir.resolve("slots.meta").toFile(), "rw")) {
      meta.seek(4096 + 2 * SlotFiles.RECORD_BYTES);
      meta.writeInt(0);
    }
    node = node(origin.url());
    assertThat(same(node.get(PATH), NEW)).isTrue();
    node.close();
    bytes = OLD;
    node = node(origin.url());
    assertThat(same(node.get(PATH), NEW)).as("whole, so a hit").isTrue();
  }

  @Test
  void aWeakFileThatIsCutOffIsBegunAnewAndNotGoneOnWith() throws Exception {
    lines = saying(LM);
    byte[] cut = Arrays.copyOf(OLD, SLICE + 5);
    origin.script =
        (request, out) -> {
          if (!request.header("Range").isEmpty()) {
            RawOrigin.file(request, out, OLD, lines);
            return;
          }
          RawOrigin.head(out, "200 OK", lines[0], LM, "Content-Length: " + OLD.length);
          out.write(cut);
          out.flush();
          origin.script = (again, to) -> RawOrigin.file(again, to, NEW, lines);
          throw new IOException("cut");
        };
    assertCutOrWhole();
    assertThat(same(node.get(PATH), NEW)).isTrue();
  }

  @Test
  void aLargeWeakFileIsHandedThroughInOneAnswer() throws Exception {
    lines = saying(LM);
    bytes = film(3, 9 * SLICE);
    assertThat(node.get(PATH).header("Cache-Status")).contains("bypass");
    View view = range(SLICE, 3 * SLICE);
    assertThat(view.status()).isEqualTo(206);
    assertThat(view.body()).isEqualTo(Arrays.copyOfRange(bytes, SLICE, 3 * SLICE));
    assertThat(node.count(CacheMeters.FILLS)).isZero();
  }

  @Test
  void anotherLengthUnderTheSameStrongTagIsAnotherVersion() throws Exception {
    lines = saying("ETag: \"same\"");
    range(0, 100);
    bytes = film(4, 3 * SLICE + 778);
    assertThat(range(2 * SLICE, 2 * SLICE + 9).header("Content-Range"))
        .endsWith("/" + bytes.length);
    assertThat(same(node.get(PATH), bytes)).isTrue();
  }

  @Test
  void a206OfAnotherVersionInSpiteOfIfRangeIsNotTaken() throws Exception {
    lines = saying("ETag: \"one\"");
    range(0, 100);
    bytes = NEW;
    lines = saying("ETag: \"two\"");
    // RawOrigin heeds no If-Range: it answers 206 with the other version's bytes.
    assertCutOrWhole();
    assertThat(same(node.get(PATH), NEW)).isTrue();
  }

  @Test
  void aVersionThatChangesUnderAViewerIsCutAndNotMixed() throws Exception {
    lines = saying("ETag: \"one\"");
    byte[] half = Arrays.copyOf(OLD, SLICE);
    origin.script =
        (request, out) -> {
          RawOrigin.head(
              out,
              "206 Partial Content",
              "ETag: \"one\"",
              "Content-Range: bytes 0-" + (3 * SLICE - 1) + "/" + OLD.length,
              "Content-Length: " + 3 * SLICE);
          out.write(half);
          out.flush();
          lines = saying("ETag: \"two\"");
          origin.script = (again, to) -> RawOrigin.file(again, to, NEW, lines);
          throw new IOException("cut");
        };
    assertCutOrWhole();
    assertThat(same(node.get(PATH), NEW)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", LM, "ETag: W/\"a\"", "ETag: \"%s\""})
  void twoOriginsWithDifferentFilesAreNeverMixed(String validator) throws Exception {
    try (RawOrigin other =
        new RawOrigin(
            (request, out) ->
                RawOrigin.file(request, out, NEW, saying(validator.replace("%s", "b"))))) {
      lines = saying(validator.replace("%s", "a"));
      node.close();
      node = node(origin.url(), other.url());
      assertThat(range(0, 10).body()).isEqualTo(Arrays.copyOf(OLD, 10));
      origin.script =
          (request, out) -> {
            throw new IOException("gone");
          };
      assertCutOrWhole();
      assertCutOrWhole();
    }
  }

  @Test
  void moreBytesThanA206AnnouncesBelongToNothing() throws Exception {
    byte[] junk = film(9, SLICE);
    origin.script =
        (request, out) -> {
          String[] ends = request.header("Range").substring(6).split("-");
          int from = Integer.parseInt(ends[0]);
          int to = Math.min(from + 70_000, OLD.length);
          RawOrigin.head(
              out,
              "206 Partial Content",
              "ETag: \"one\"",
              "Connection: close",
              "Content-Range: bytes " + from + "-" + (to - 1) + "/" + OLD.length);
          out.write(OLD, from, to - from);
          out.write(junk);
          out.flush();
          throw new IOException("end");
        };
    assertThat(range(0, 200_000).body()).isEqualTo(Arrays.copyOf(OLD, 200_000));
  }
}
