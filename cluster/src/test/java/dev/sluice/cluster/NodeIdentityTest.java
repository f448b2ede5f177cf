package dev.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeIdentityTest {
  @TempDir private Path directory;
  private final ManualClock wall = new ManualClock();

  private NodeIdentity open() throws IOException {
    return NodeIdentity.open("eu-1", "", directory.resolve("node").toString(), wall);
  }

  @Test
  void aNodeMakesATokenOnceAndOnlyItsOwnerMayReadIt() throws IOException {
    NodeToken first = open().token();
    assertThat(first.reveal()).matches("[0-9a-f]{64}");
    assertThat(open().token().reveal()).isEqualTo(first.reveal());
    Path file = directory.resolve("node/node-token");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(NodeIdentity.open("eu-1", "", "", wall).token().reveal())
        .isNotEqualTo(first.reveal());
    assertThat(first.toString()).doesNotContain(first.reveal());
  }

  @Test
  void theFingerprintIsWhatSha256sumPrints() {
    assertThat(NodeToken.of("0123456789abcdef").fingerprint())
        .isEqualTo("9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f");
  }

  @Test
  void aTokenFileThatHoldsNoneIsRefusedWithWhatToDo() throws IOException {
    Files.createDirectories(directory.resolve("node"));
    Files.writeString(directory.resolve("node/node-token"), "short");
    assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("approve");
    assertThatThrownBy(() -> NodeIdentity.open("eu-1", "short", "", wall))
        .hasMessageContaining("16 to 256");
  }

  @Test
  void aDrainedNodeStaysDrainedOverItsRestart() throws IOException {
    NodeDrain drain = open().drain();
    assertThat(drain.inForce()).isNull();
    DrainOrder order = new DrainOrder(true, "disks", "b", wall.millis(), 0, wall.millis() + 60_000);
    drain.heard(HeartbeatAnswer.taken(Optional.of(order)));
    assertThat(open().drain().inForce()).isEqualTo(order);

    drain.heard(HeartbeatAnswer.taken(Optional.of(new DrainOrder(false, "", "b", 1, 0, 0))));
    assertThat(open().drain().inForce()).as("an older order").isEqualTo(order);
    wall.advance(Duration.ofSeconds(60));
    assertThat(open().drain().inForce()).as("its time is over").isNull();
    try (Stream<Path> files = Files.list(directory.resolve("node"))) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("node-token", "node-drain.json");
    }
  }

  @Test
  void whoSeesADrainSeesOneThatIsKept() throws Exception {
    NodeDrain drain = open().drain();
    for (int n = 1; n <= 50; n++) {
      DrainOrder order = new DrainOrder(true, "disks " + n, "b", n, 0, 0);
      Thread heart = Thread.ofVirtual().start(() -> hear(drain, order));
      while (!drain.order().equals(Optional.of(order))) {
        Thread.onSpinWait();
      }
      assertThat(open().drain().order()).isEqualTo(Optional.of(order));
      heart.join();
    }
  }

  private static void hear(NodeDrain drain, DrainOrder order) {
    drain.heard(HeartbeatAnswer.taken(Optional.of(order)));
  }

  @Test
  void aDamagedDrainIsSetAsideAndTheNodeStarts() throws IOException {
    open();
    for (String bytes : new String[] {"", "{\"draining\":tr", "null", "[]", "{}"}) {
      Files.writeString(directory.resolve("node/node-drain.json"), bytes);
      assertThat(open().drain().order()).as(bytes).isEmpty();
    }
  }
}
