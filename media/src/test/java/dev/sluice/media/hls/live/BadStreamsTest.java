package dev.sluice.media.hls.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Wire;
import dev.sluice.media.fixture.Tags;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.hls.FragmentChecks;
import dev.sluice.media.hls.ListedSegment;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.PlaylistChecks;
import dev.sluice.testkit.LeakCheck;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What players of HLS see of streams that no encoder should send, at an origin and an edge. The
 * table is in docs/hls.md.
 */
@ExtendWith(LeakCheck.class)
class BadStreamsTest {
  private static final int FRAME_MS = 40;

  private final VirtualFleet fleet = new VirtualFleet();
  private final FragmentChecks bodies = new FragmentChecks();
  private final PlaylistChecks atOrigin = new PlaylistChecks();
  private final PlaylistChecks atEdge = new PlaylistChecks();
  private VirtualFleet.Origin origin;
  private VirtualFleet.Edge edge;
  private @Nullable MediaPlaylist list;
  private long clockMs;
  private int number;
  private double sounds;

  @BeforeEach
  void start() {
    origin = fleet.new Origin("origin");
    fleet.origins.add(origin);
    edge = fleet.new Edge("edge", new VirtualFleet.VirtualAnswers(fleet, new Random(1)));
    origin.publish();
    origin.list();
  }

  @AfterEach
  void stop() {
    edge.close();
    origin.close();
    fleet.close();
  }

  /** Whether a picture is a keyframe. */
  private interface Keys {
    boolean at(int frame);
  }

  private void headers() {
    feed(Tags.avcHeader(31));
    feed(Tags.aacHeader());
  }

  private void feed(FlvTag tag) {
    FlvTag timed = tag.at(clockMs);
    origin.feed(timed);
    timed.release();
    tag.release();
  }

  private void frame(boolean key, int shownLaterMs) {
    FlvTag tag = key ? Tags.keyframe(0, number, 900) : Tags.inter(0, number, 300);
    tag.payload().setMedium(tag.payload().readerIndex() + 2, shownLaterMs);
    feed(tag);
    for (; sounds < FRAME_MS; sounds += 1024 / 44.1) {
      feed(Tags.audio(0, number, 80));
    }
    sounds -= FRAME_MS;
    number++;
    clockMs += FRAME_MS;
    fleet.pass(FRAME_MS);
    if (number % 5 == 0) {
      look();
    }
  }

  private void play(int frames, Keys keys) {
    for (int i = 0; i < frames; i++) {
      frame(keys.at(i), 0);
    }
  }

  private void look() {
    if (edge.line.from() == null) {
      edge.line.connect(origin);
    }
    String told = origin.list();
    if (told != null) {
      list = atOrigin.playlist(told);
    }
    String atEdgeToo = edge.list();
    if (atEdgeToo != null) {
      atEdge.playlist(atEdgeToo);
    }
  }

  /** What is listed at the end, of which everything can be had and is the same at both. */
  private MediaPlaylist whole() {
    look();
    MediaPlaylist last = Objects.requireNonNull(list, "nothing is listed");
    for (String name : Listed.names(last)) {
      byte[] body = origin.body(name);
      assertThat(body).as(name).isNotNull();
      bodies.body(name, "origin", body);
      byte[] other = edge.body(name);
      if (other != null) {
        bodies.body(name, "edge", other);
      }
    }
    bodies.look(last);
    assertThat(bodies.faults()).isEmpty();
    assertThat(bodies.compared()).isGreaterThan(5);
    assertThat(atOrigin.faults()).isEmpty();
    assertThat(atEdge.faults()).isEmpty();
    return last;
  }

  private static int each(int gop, int frame) {
    return frame % gop;
  }

  @Test
  void picturesReorderedDeeperThanTheirHeaderSaysAreShownWhenTheirTagsSay() {
    headers();
    Random random = new Random(3);
    for (int i = 0; i < 500; i++) {
      frame(each(50, i) == 0, random.nextInt(3_000));
    }
    assertThat(whole().independent()).isTrue();
  }

  @Test
  void aClockThatStepsBackJumpsAndStandsStillIsOneStreamWithDiscontinuities() {
    headers();
    long[] steps = {-400, 90_000, -30_000, 7_000, -900, 1L << 31};
    for (long step : steps) {
      play(120, i -> each(50, i) == 0);
      clockMs = Math.max(0, clockMs + step);
    }
    long stands = clockMs;
    for (int i = 0; i < 120; i++) {
      frame(each(50, i) == 0, 0);
      clockMs = stands;
    }
    clockMs += 5_000;
    play(200, i -> each(50, i) == 0);
    assertThat(whole().segments().stream().anyMatch(ListedSegment::discontinuous)).isTrue();
  }

  @Test
  void aGopOfAMinuteIsCutWithoutKeyframesAndTheListSaysSo() {
    headers();
    play(2 * 1500 + 200, i -> each(1500, i) == 0);
    MediaPlaylist last = whole();
    assertThat(last.independent()).isFalse();
    assertThat(last.targetSeconds()).isEqualTo(6);
    assertThat(last.segments()).allMatch(segment -> segment.durationMs() <= 6_490);
  }

  @Test
  void withoutAnyKeyframeThereIsSoundAloneAndPicturesFromTheFirstOneOn() {
    headers();
    play(500, i -> false);
    long soundAlone = whole().segments().getLast().config();
    play(300, i -> each(50, i) == 0);
    ListedSegment withPictures = whole().segments().getLast();
    assertThat(withPictures.config()).isNotEqualTo(soundAlone);
  }

  @Test
  void ofPicturesWithoutAnyKeyframeNothingIsListed() {
    feed(Tags.avcHeader(31));
    for (int i = 0; i < 500; i++) {
      feed(Tags.inter(0, i, 300));
      clockMs += FRAME_MS;
      fleet.pass(FRAME_MS);
    }
    look();
    assertThat(list).isNull();
  }

  @Test
  void whenNoKeyframeComesAnyMoreTheStreamGoesOnInHardCuts() {
    headers();
    play(120, i -> each(50, i) == 0);
    play(1_000, i -> false);
    assertThat(whole().independent()).isFalse();
  }

  @Test
  void aCodecChangeInMidSegmentHasANewMapAtADiscontinuityFromTheNextKeyframeOn() {
    headers();
    play(130, i -> each(50, i) == 0);
    feed(Tags.avcHeader(40));
    play(20, i -> false);
    long before = Objects.requireNonNull(list).segments().getLast().config();
    play(300, i -> each(50, i) == 0);
    MediaPlaylist last = whole();
    List<ListedSegment> others =
        last.segments().stream().filter(segment -> segment.config() != before).toList();
    assertThat(others).isNotEmpty().hasSizeLessThan(last.segments().size());
    assertThat(others.getFirst().discontinuous()).isTrue();
  }

  @Test
  void ofAThousandTracksTheFirstPictureAndTheFirstSoundAreServed() {
    headers();
    for (int frame = 0; frame < 400; frame++) {
      frame(each(50, frame) == 0, 0);
      for (int track = 1; frame % 40 == 0 && track <= 1000; track++) {
        String id = HexFormat.of().toHexDigits((byte) track);
        String codec = track % 2 == 0 ? "4f707573" : "6d703461"; // Opus, mp4a
        feed(sound("95 00 " + codec + id + " 12 10"));
        feed(sound("95 01 " + codec + id + " 21 10 05"));
      }
    }
    assertThat(whole().segments().getLast().parts()).isNotNull();
  }

  private static FlvTag sound(String hex) {
    return new FlvTag(TagType.AUDIO, 0, Wire.buffer(Wire.hex(hex)));
  }
}
