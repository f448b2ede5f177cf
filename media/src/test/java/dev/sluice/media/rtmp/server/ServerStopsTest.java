package dev.sluice.media.rtmp.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.sluice.media.fixture.LiveServer;
import dev.sluice.media.fixture.RawRtmp;
import dev.sluice.media.fixture.RawViewer;
import dev.sluice.media.fixture.Tags;
import dev.sluice.media.fixture.TestPublisher;
import dev.sluice.media.http.FlvSession;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/** What the log says of viewers when the server stops, and when they go by themselves. */
@ExtendWith(LeakCheck.class)
class ServerStopsTest {
  private static final Duration SOON = Duration.ofSeconds(90);

  /** The last lines of viewers, written by several event loops. */
  private static final class LastLines extends ListAppender<ILoggingEvent> {
    private final List<String> texts = new CopyOnWriteArrayList<>();

    @Override
    protected void append(ILoggingEvent event) {
      String text = event.getFormattedMessage();
      if (text.startsWith("play ended")) {
        texts.add(text.replaceAll(".* (protocol=.* reason=\\w+) .*", "$1"));
      }
    }
  }

  @Test
  void theLastLineOfAViewerSaysWhetherTheServerStoppedOrTheLineBroke() throws Exception {
    LastLines lines = new LastLines();
    Map<Logger, Level> before = new HashMap<>();
    for (Class<?> speaker : List.of(LiveViewerRole.class, FlvSession.class)) {
      Logger logger = (Logger) LoggerFactory.getLogger(speaker);
      before.put(logger, logger.getEffectiveLevel());
      logger.setLevel(Level.INFO);
      logger.addAppender(lines);
    }
    lines.start();
    LiveServer server = LiveServer.start();
    RawRtmp gone = RawRtmp.play(server, "a");
    try (RawRtmp rtmp = RawRtmp.play(server, "a");
        RawViewer http = new RawViewer(server, "GET /live/a.flv HTTP/1.1", "");
        RawViewer ws = new RawViewer(server, "GET /live/a.flv HTTP/1.1", RawViewer.UPGRADE)) {
      TestPublisher publisher = TestPublisher.connect(server, "live/a").accepted();
      publisher.send(Tags.avcHeader(30));
      publisher.send(Tags.keyframe(0, 0, 100));
      gone.await("V@0 17");
      rtmp.await("V@0 17");
      gone.close();
      Await.until(SOON, "one left", () -> lines.texts.size() == 1);
      assertThat(http.head()).isEqualTo(200);
      assertThat(ws.head()).isEqualTo(101);
      Await.until(SOON, "three play", () -> server.hub.viewers() == 3);
      server.close();
      Await.until(SOON, "all said", () -> lines.texts.size() == 4);
    } finally {
      gone.close();
      server.close(); // a second time, unless something went wrong
      before.forEach(
          (logger, level) -> {
            logger.detachAppender(lines);
            logger.setLevel(level);
          });
    }
    assertThat(lines.texts)
        .containsExactlyInAnyOrder(
            "protocol=rtmp reason=connection_lost",
            "protocol=rtmp reason=shutdown",
            "protocol=flv reason=shutdown",
            "protocol=ws reason=shutdown");
  }
}
