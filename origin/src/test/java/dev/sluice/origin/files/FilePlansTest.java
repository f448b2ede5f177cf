package dev.sluice.origin.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.origin.files.FilePlans.Key;
import dev.sluice.origin.files.local.LocalFileStore;
import dev.sluice.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is made of files is kept within its bounds, whoever asks. */
class FilePlansTest {
  @TempDir Path directory;
  private FileStore store;
  private final List<String> made = new ArrayList<>();

  @BeforeEach
  void open() throws IOException {
    Files.writeString(directory.resolve("film.flv"), "a film");
    store = LocalFileStore.open(directory, StoreLimits.NONE);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private Key key(String form) throws IOException {
    try (OpenFile file = store.open(new FilePath("film.flv"))) {
      return new Key(file.path(), HlsDownloads.version(file.etag()), form);
    }
  }

  private String make(Key key, OpenFile file) {
    synchronized (made) {
      made.add(key.form());
    }
    return key.form();
  }

  @Test
  void whatIsLargeGoesBeforeThereIsTooMuchOfIt() throws Exception {
    FilePlans<String> plans = new FilePlans<>(store, 100, 100, this::make, plan -> 40);
    for (String form : List.of("a", "b", "a", "c", "a", "c", "b")) {
      assertThat(plans.of(key(form))).isEqualTo(form);
    }
    assertThat(made).containsExactly("a", "b", "c", "b");
  }

  @Test
  void oneThatIsTooLargeIsKeptAlone() throws Exception {
    FilePlans<String> plans =
        new FilePlans<>(store, 100, 100, this::make, plan -> plan.equals("x") ? 1000 : 10);
    for (String form : List.of("a", "x", "x", "a", "x")) {
      plans.of(key(form));
    }
    assertThat(made).containsExactly("a", "x", "a", "x");
  }

  @Test
  void noMoreAreKeptThanTold() throws Exception {
    FilePlans<String> plans = new FilePlans<>(store, 2, 100, this::make, plan -> 1);
    for (String form : List.of("a", "b", "c", "b", "a")) {
      plans.of(key(form));
    }
    assertThat(made).containsExactly("a", "b", "c", "a");
  }

  /** Whoever asked waited for it for ever, and so did all who came after. */
  @Test
  void whoWaitsHearsThatMemoryCameToItsEnd() throws Exception {
    FilePlans<String> plans =
        new FilePlans<>(
            store,
            100,
            100,
            (key, file) -> {
              if (make(key, file).equals("a") && made.size() == 1) {
                throw new OutOfMemoryError("Java heap space");
              }
              return key.form();
            },
            plan -> 1);
    assertThatThrownBy(() -> plans.of(key("a")))
        .isInstanceOf(IOException.class)
        .hasRootCauseInstanceOf(OutOfMemoryError.class);
    assertThat(plans.of(key("a"))).isEqualTo("a");
  }

  @Test
  void whoAsksForMoreThanCanBeMadeAtATimeComesAgain() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(FilePlans.MOST_UNDER_WAY);
    FilePlans<String> plans =
        new FilePlans<>(
            store,
            1000,
            1000,
            (key, file) -> {
              begun.countDown();
              go.await();
              return make(key, file);
            },
            plan -> 1);
    List<Thread> asking = new ArrayList<>();
    for (int i = 0; i < FilePlans.MOST_UNDER_WAY; i++) {
      Key key = key("form " + i);
      asking.add(Thread.ofVirtual().start(() -> ask(plans, key)));
    }
    begun.await();
    assertThatThrownBy(() -> plans.of(key("one more"))).isInstanceOf(TimeoutException.class);
    go.countDown();
    for (Thread each : asking) {
      each.join();
    }
    Key more = key("one more");
    Await.until("room when the others are made", () -> ask(plans, more));
  }

  private static boolean ask(FilePlans<String> plans, Key key) {
    try {
      return plans.of(key).equals(key.form());
    } catch (TimeoutException e) {
      return false; // a slow machine: it is made all the same
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
