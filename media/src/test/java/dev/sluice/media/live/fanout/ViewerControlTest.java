package dev.sluice.media.live.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.fixture.LiveServer;
import dev.sluice.media.fixture.RawRtmp;
import dev.sluice.media.fixture.TagLog;
import dev.sluice.media.fixture.TestPublisher;
import dev.sluice.media.fixture.TestViewer;
import dev.sluice.testkit.LeakCheck;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a viewer says while it plays, obeyed over a real connection. */
@ExtendWith(LeakCheck.class)
class ViewerControlTest {
  private static final String AVC_HEADER = "17000000000164001effe100";
  private static final AmfValue ON = AmfValue.of(true);
  private static final AmfValue OFF = AmfValue.of(false);

  private LiveServer server;
  private TestPublisher publisher;
  private RawRtmp viewer;

  @BeforeEach
  void start() throws Exception {
    server = LiveServer.start();
    publisher = TestPublisher.start(server, "live/a");
    publisher.frames(3, 100);
    viewer = RawRtmp.play(server, "a").await("V@80 27");
  }

  @AfterEach
  void stop() throws Exception {
    viewer.close();
    server.close();
  }

  /** Sees to it that the server has acted on all that was said before. */
  private void settled() throws Exception {
    long before = viewer.count("_result");
    viewer.command(0, "getStreamLength", 9, AmfValue.Nothing.NULL, AmfValue.of("a"));
    viewer.await("_result", (int) before + 1);
  }

  private List<String> since(int from) {
    return viewer.lines().subList(from, viewer.lines().size());
  }

  @Test
  void pauseStopsSendingAndResumeStartsAtTheNewestKeyframeWithHeaders() throws Exception {
    viewer.say("pause", ON);
    viewer.await("NetStream.Pause.Notify");
    settled();
    int paused = viewer.lines().size();
    TagLog witness = TagLog.play(server, "live/a");
    publisher.frames(24, 100); // up to frame 26: the keyframe at 1000 ms and one more
    witness.await("2701"); // the stream goes on for others
    TestViewer other = TestViewer.play(server, "live/a");
    other.awaitFrame(26);
    assertThat(since(paused)).as("nothing while paused").noneMatch(line -> line.contains("@"));
    viewer.say("pause", OFF);
    viewer.await("V@1040 27");
    List<String> resumed = since(paused).stream().filter(line -> line.contains("@")).toList();
    assertThat(resumed.subList(0, 4))
        .satisfiesExactly(
            line -> assertThat(line).startsWith("S@0 "),
            line -> assertThat(line).isEqualTo("V@1000 " + AVC_HEADER),
            line -> assertThat(line).isEqualTo("A@1000 af001210"),
            line -> assertThat(line).startsWith("V@1000 1701"));
    assertThat(viewer.count("NetStream.Unpause.Notify")).isEqualTo(1);
  }

  @Test
  void aPausedViewerIsToldThatTheStreamEnded() throws Exception {
    viewer.say("pause", ON);
    viewer.await("NetStream.Pause.Notify");
    publisher.close();
    viewer.await("status NetStream.Play.UnpublishNotify");
    viewer.await("closed");
  }

  @Test
  void aPausedViewerMayLeave() throws Exception {
    viewer.say("pause", ON);
    settled();
    viewer.say("closeStream", AmfValue.Nothing.NULL);
    settled();
    assertThat(server.stream("live/a").totalViewers()).isZero();
  }

  @Test
  void receiveVideoOffGivesAudioAloneAndOnGivesPicturesFromAKeyframe() throws Exception {
    viewer.say("receiveVideo", OFF);
    settled();
    int off = viewer.lines().size();
    publisher.frames(10, 100); // frames 3 to 12
    viewer.await("A@490 af01");
    assertThat(since(off)).noneMatch(line -> line.startsWith("V"));
    viewer.say("receiveVideo", ON);
    settled();
    int on = viewer.lines().size();
    publisher.frames(15, 100); // frames 13 to 27; 25 is a keyframe
    viewer.await("V@1080 27").await("A@1090 af01");
    List<String> pictures = since(on).stream().filter(line -> line.startsWith("V")).toList();
    assertThat(pictures.getFirst()).startsWith("V@1000 1701");
    assertThat(viewer.count("A@")).as("every sound, and the header").isEqualTo(28 + 1);
    assertThat(server.stream("live/a").droppedFrames().values())
        .as("none for lag")
        .noneMatch(n -> n > 20);
  }

  @Test
  void receiveAudioOffGivesPicturesAlone() throws Exception {
    viewer.say("receiveAudio", OFF);
    settled();
    int off = viewer.lines().size();
    publisher.frames(5, 100);
    viewer.await("V@280 27");
    assertThat(since(off)).noneMatch(line -> line.startsWith("A"));
    viewer.say("receiveAudio", ON);
    settled();
    publisher.frames(3, 100);
    viewer.await("A@410 af01");
  }

  @Test
  void aChoiceMadeBeforePlayingHoldsFromTheStart() throws Exception {
    try (RawRtmp audio = RawRtmp.connect(server, java.util.Map.of())) {
      audio.say("receiveVideo", OFF);
      audio.command(1, "play", 0, AmfValue.Nothing.NULL, AmfValue.of("a"));
      audio.await("A@90 af01");
      assertThat(audio.lines()).noneMatch(line -> line.startsWith("V") && line.contains(" 1701"));
    }
  }

  @Test
  void seekOnALiveStreamGoesToTheNewestKeyframe() throws Exception {
    settled();
    int before = viewer.lines().size();
    viewer.say("seek", AmfValue.of(123_000));
    viewer.await("V@0 1701", 2);
    List<String> media = since(before);
    assertThat(media.getFirst()).isEqualTo("status NetStream.Seek.Notify");
    assertThat(media).contains("V@0 " + AVC_HEADER);
  }

  @Test
  void closeStreamAndDeleteStreamStopSendingAndAnotherPlayStartsAnew() throws Exception {
    for (int i = 1; i <= 2; i++) {
      if (i == 1) {
        viewer.say("closeStream", AmfValue.Nothing.NULL);
      } else {
        viewer.command(0, "deleteStream", 0, AmfValue.Nothing.NULL, AmfValue.of(1));
      }
      settled();
      assertThat(server.stream("live/a").totalViewers()).isZero();
      viewer.command(1, "play", 0, AmfValue.Nothing.NULL, AmfValue.of("a"));
      viewer.await("status NetStream.Play.Start", i + 1);
      viewer.await("V@0 1701", i + 1);
    }
  }
}
