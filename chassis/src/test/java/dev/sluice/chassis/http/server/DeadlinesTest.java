package dev.sluice.chassis.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.http.server.Deadlines.Output.Change;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A machine that stands still for a while has clients that did nothing wrong. */
class DeadlinesTest {
  private static final long SECOND = 1_000_000_000L;

  private final Deadlines stuck =
      new Deadlines(() -> Change.STUCK, HttpLimits.defaults(), Duration.ofSeconds(60), 0);
  private long now;

  private String look(ConnectionState state, long seconds) {
    now += seconds * SECOND;
    return stuck.late(state, 0, 0, now);
  }

  @Test
  void aTimeInWhichNothingRanIsNotCounted() {
    for (int i = 0; i < 50; i++) {
      assertThat(look(ConnectionState.ANSWERING, 1)).isEmpty();
    }
    assertThat(look(ConnectionState.ANSWERING, 600)).isEmpty();
    assertThat(look(ConnectionState.ANSWERING, 1)).isEmpty();
    for (int i = 0; i < 8; i++) {
      look(ConnectionState.ANSWERING, 1);
    }
    assertThat(look(ConnectionState.ANSWERING, 1)).isEqualTo("slow-reader");
  }

  @Test
  void aHeadThatWasArrivingThenHasItsTime() {
    assertThat(look(ConnectionState.HEAD, 1)).isEmpty();
    assertThat(look(ConnectionState.HEAD, 3600)).isEmpty();
    assertThat(look(ConnectionState.HEAD, 1)).isEmpty();
    for (int i = 0; i < 7; i++) {
      look(ConnectionState.HEAD, 1);
    }
    assertThat(look(ConnectionState.HEAD, 1)).isEqualTo("slow-head");
  }
}
