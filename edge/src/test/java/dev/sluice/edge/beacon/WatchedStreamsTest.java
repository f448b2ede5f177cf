package dev.sluice.edge.beacon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WatchedStreamsTest {
  private final Set<String> here = new HashSet<>();
  private final WatchedStreams streams = new WatchedStreams(here::contains);

  private static Beacon beacon(String stream, long joinMs, long latencyMs, long stalls) {
    return new Beacon(stream, Beacon.Over.HLS, joinMs, latencyMs, stalls, stalls * 100, 0, 0, 1000);
  }

  @Test
  void addsUpWhatViewersOfAStreamSaw() {
    here.add("live/demo");
    streams.add(beacon("live/demo", 400, 1000, 1));
    streams.add(beacon("live/demo", -1, 2000, 2));
    assertThat(streams.seen("live/demo"))
        .isEqualTo(new WatchedStreams.Seen(2, 400, 1100, 3, 300, 2000, 0, 0));
  }

  @Test
  void whatIsNotHereIsNotKeptHoweverManyNamesAreSaid() {
    for (int i = 0; i < 2 * WatchedStreams.MOST; i++) {
      streams.add(beacon("live/" + i, 1, 1, 1));
    }
    assertThat(streams.seen("live/1")).isNull();
    for (int i = 0; i < WatchedStreams.MOST; i++) {
      here.add("live/" + i);
      streams.add(beacon("live/" + i, 1, 1, 1));
    }
    here.add("live/new");
    streams.add(beacon("live/new", 1, 1, 1));
    assertThat(streams.seen("live/new")).as("no room").isNull();
    streams.forget("live/7");
    streams.add(beacon("live/new", 1, 1, 1));
    assertThat(streams.seen("live/new")).as("one is gone").isNotNull();
  }

  @Test
  void aStreamThatBeginsAnewBeginsWithNothing() {
    here.add("live/demo");
    streams.add(beacon("live/demo", 400, 1000, 1));
    streams.forget("live/demo");
    assertThat(streams.seen("live/demo")).isNull();
  }
}
