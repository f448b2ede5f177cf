package dev.sluice.balancer.membership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testkit.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFileTest {
  @TempDir Path directory;

  @Test
  void whatCouldNotBeWrittenIsWrittenOnceItCanBe() throws Exception {
    Path file = directory.resolve("balancer-state.json");
    Path inTheWay = Files.createDirectory(file).resolve("full");
    Files.createFile(inTheWay);
    try (StateFile state = new StateFile(directory.toString(), () -> BalancerState.EMPTY)) {
      assertThat(state.save().handle((done, failure) -> failure).get()).isNotNull();
      Files.delete(inTheWay);
      Files.delete(file);
      Await.until("written without another change", () -> Files.isRegularFile(file));
      assertThat(state.read()).isEqualTo(BalancerState.EMPTY);
    }
  }
}
