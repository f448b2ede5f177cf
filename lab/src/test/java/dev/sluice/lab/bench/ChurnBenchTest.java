package dev.sluice.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.access.PublishAuthorizer;
import dev.sluice.media.live.LiveConfig;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.rtmp.server.RtmpConfig;
import dev.sluice.media.rtmp.server.RtmpServer;
import dev.sluice.testkit.LeakCheck;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class ChurnBenchTest {
  private static final SourceAddresses SOURCES = SourceAddresses.parse("127.0.1.0/24");

  private EventLoops loops;
  private LiveHub hub;
  private RtmpServer rtmp;

  @BeforeEach
  void serve() throws Exception {
    loops = EventLoops.create(1);
    Meters meters = new Meters();
    hub = new LiveHub(LiveConfig.defaults(), meters);
    rtmp =
        new RtmpServer(
            hub, loops, RtmpConfig.of("127.0.0.1", 0), PublishAuthorizer.anyone(), meters);
    rtmp.start();
  }

  @AfterEach
  void stop() {
    rtmp.close();
    hub.close();
    loops.close();
  }

  @Test
  void viewersComeAndGoAndAreAllAccountedFor() throws Exception {
    List<ChurnReport> intervals = Collections.synchronizedList(new ArrayList<>());
    ChurnReport all;
    try (ManyPublishers publishers = new ManyPublishers(url("x"), 2, 500_000)) {
      publishers.start();
      all =
          new ChurnBench(List.of(url("x")), 2, 20, Duration.ofSeconds(2), SOURCES)
              .run(Duration.ofSeconds(3), Duration.ofMillis(200), intervals::add);
    }
    // A viewer's life is short: on a machine that is busy it may end before the first picture.
    assertThat(all.failures().keySet()).allMatch(why -> why.startsWith("no picture in time"));
    long late = all.failures().values().stream().mapToInt(Integer::intValue).sum();
    assertThat(all.left()).isPositive();
    assertThat(all.joined()).isEqualTo(all.left() + late);
    assertThat(all.viewers()).isZero();
    assertThat(all.startupMs().count()).isGreaterThanOrEqualTo(all.left());
    assertThat(all.timestampsBackward()).isZero();
    assertThat(intervals).isNotEmpty();
    assertThat(intervals).anySatisfy(report -> assertThat(report.playing()).isPositive());
  }

  @Test
  void saysWhyViewersDidNotPlay() throws Exception {
    int unused;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      unused = socket.getLocalPort();
    }
    StreamUrl nobody = StreamUrl.parse("rtmp://127.0.0.1:" + unused + "/live/x");
    ChurnReport all =
        new ChurnBench(List.of(nobody), 1, 20, Duration.ofMillis(100), SOURCES)
            .run(Duration.ofMillis(500), Duration.ofSeconds(10), report -> {});
    assertThat(all.left()).isZero();
    assertThat(all.failures()).hasSize(1);
    assertThat(all.failures().keySet()).first().asString().containsIgnoringCase("refused");
    assertThat(all.failures().values()).containsExactly((int) all.joined());
  }

  @Test
  void refusesToRunWithoutAnyJoins() {
    assertThatThrownBy(
            () -> new ChurnBench(List.of(url("x")), 1, 0, Duration.ofSeconds(1), SOURCES))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("joins");
  }

  @Test
  void publishersComeAndGo() throws Exception {
    ReconnectingPublishers publishers =
        new ReconnectingPublishers(url("r"), 2, 500_000, Duration.ofMillis(300));
    publishers.run(Duration.ofSeconds(3));
    assertThat(publishers.summary())
        .contains("refused 0 times")
        .doesNotContain("published 2 times");
  }

  private StreamUrl url(String name) {
    return StreamUrl.parse("rtmp://127.0.0.1:" + rtmp.address().getPort() + "/live/" + name);
  }
}
