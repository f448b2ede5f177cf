package dev.sluice.media.live.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.fixture.Marks;
import dev.sluice.media.fixture.Tags;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.flv.TagType;
import dev.sluice.testkit.LeakCheck;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class TimelineTest {
  private final Timeline timeline = new Timeline(1 << 20, 30_000);

  @AfterEach
  void clear() {
    timeline.clear();
    assertThat(timeline.bytes()).isZero();
  }

  @Test
  void joinsAtTheNewestKeyframeWithTheHeadersBeforeIt() {
    header(Tags.avcHeader(30));
    header(Tags.aacHeader());
    gop(0, 25);
    gop(1_000, 10);
    assertThat(timeline.timeAt(timeline.joinIndex())).isEqualTo(1_000);
    assertThat(timeline.joinHeaders().of(TagType.VIDEO)).isNotEmpty();
    assertThat(timeline.joinHeaders().of(TagType.AUDIO)).isNotEmpty();
    assertThat(timeline.joinsWithoutVideo()).isFalse();
  }

  @Test
  void aJoinerGetsTheMarkInForceAtItsKeyframeAndThoseAfterItInTheirPlace() {
    mark(0);
    gop(0, 10);
    mark(400);
    gop(400, 10);
    mark(800);
    add(Tags.inter(800, 20, 100));
    assertThat(timeline.timeAt(timeline.joinIndex())).isEqualTo(400);
    assertThat(timeline.joinHeaders().of(TagType.SCRIPT))
        .singleElement()
        .satisfies(mark -> assertThat(mark.timestampMs()).isEqualTo(400));
  }

  @Test
  void marksDoNotShortenWhatAJoinerOfSoundAloneGetsAndComeOnce() {
    for (int t = 0; t < 5_000; t += 20) {
      if (t % 400 == 0) {
        mark(t);
      }
      add(Tags.audio(t, t, 10));
    }
    assertThat(timeline.timeAt(timeline.joinIndex())).isEqualTo(3_980);
    assertThat(timeline.joinHeaders().of(TagType.SCRIPT)).as("4000 comes in its place").isEmpty();
  }

  private void mark(long timeMs) {
    timeline.append(Marks.tag(Marks.at(timeMs, 0)));
  }

  @Test
  void keepsTheCurrentGopAndWhatTheSlowestViewerNeeds() {
    gop(0, 25);
    gop(1_000, 25);
    gop(2_000, 5);
    timeline.trim(30);
    assertThat(timeline.first()).isEqualTo(30);
    timeline.trim(timeline.next());
    assertThat(timeline.first()).isEqualTo(50);
    assertThat(timeline.tag(50).keyframe()).isTrue();
  }

  @Test
  void dropsTheOldestPastItsByteBoundAndJoinersWaitForAKeyframe() {
    add(Tags.keyframe(0, 0, 600_000));
    add(Tags.inter(40, 1, 600_000));
    timeline.trim(timeline.next());
    assertThat(timeline.bytes()).isLessThanOrEqualTo(1 << 20);
    assertThat(timeline.keyframe()).isEqualTo(Timeline.NONE);
    assertThat(timeline.joinIndex()).isEqualTo(timeline.next());
    assertThat(timeline.joinsWithoutVideo()).isTrue();
    add(Tags.keyframe(80, 2, 1_000));
    assertThat(timeline.joinsWithoutVideo()).isFalse();
    assertThat(timeline.timeAt(timeline.joinIndex())).isEqualTo(80);
  }

  @Test
  void dropsTheOldestPastItsTimeBound() {
    add(Tags.keyframe(0, 0, 100));
    for (int i = 1; i <= 40; i++) {
      add(Tags.inter(i * 1_000L, i, 100));
    }
    timeline.trim(0);
    assertThat(timeline.timeAt(timeline.first())).isEqualTo(10_000);
  }

  @Test
  void joinsAudioAloneASecondBack() {
    header(Tags.aacHeader());
    for (int i = 0; i < 500; i++) {
      add(Tags.audio(i * 23L, i, 100));
    }
    timeline.trim(timeline.next());
    long back = timeline.newestMs() - timeline.timeAt(timeline.joinIndex());
    assertThat(back).isBetween(950L, 1_000L);
    assertThat(timeline.first()).isEqualTo(timeline.joinIndex());
    assertThat(timeline.joinsWithoutVideo()).isFalse();
  }

  @Test
  void givesEachPlaceTheHeadersInForceThere() {
    header(Tags.avcHeader(30));
    gop(0, 5);
    header(Tags.avcHeader(40));
    assertThat(level(timeline.joinHeaders())).as("of the GOP held").isEqualTo(30);
    gop(1_000, 5);
    assertThat(level(timeline.joinHeaders())).isEqualTo(40);
    timeline.trim(timeline.next());
    assertThat(level(timeline.firstHeaders())).isEqualTo(40);
  }

  @Test
  void copiesWithItsIndices() {
    header(Tags.avcHeader(30));
    gop(0, 200);
    timeline.trim(timeline.next());
    Timeline copy = timeline.copy();
    assertThat(copy.first()).isEqualTo(timeline.first());
    assertThat(copy.next()).isEqualTo(timeline.next());
    assertThat(copy.joinIndex()).isEqualTo(timeline.joinIndex());
    assertThat(level(copy.joinHeaders())).isEqualTo(30);
    copy.clear();
    assertThat(timeline.tag(timeline.first()).refCnt()).isEqualTo(1);
  }

  @Test
  void keepsAPictureThatStaysForWhoJoinsAndOnlyASecondOfTheSound() {
    header(Tags.avcHeader(30));
    header(Tags.aacHeader());
    add(Tags.keyframe(0, 0, 50_000));
    add(Tags.inter(40, 1, 100));
    for (int i = 0; i < 3_000; i++) {
      add(Tags.audio(60 + i * 23L, i, 100));
      if (i % 50 == 0) {
        timeline.trim(timeline.next());
      }
      if (i % 50 == 0 && i >= 150) {
        assertThat(stills()).as("after " + i * 23L + " ms").containsExactly(0, 1);
        assertThat(timeline.joinsWithoutVideo()).isFalse();
        assertThat(timeline.newestMs() - timeline.timeAt(timeline.joinIndex()))
            .isBetween(950L, 1_000L);
        assertThat(timeline.bytes()).isLessThan(60_000);
      }
    }
    assertThat(level(timeline.joinHeaders())).isEqualTo(30);
    Timeline copy = timeline.copy();
    timeline.clear();
    assertThat(copy.stillsBefore(copy.joinIndex())).hasSize(2);
    copy.clear();
  }

  @Test
  void aPictureThatStaysIsTakenOutOfWhatASlowViewerHoldsToo() {
    add(Tags.keyframe(0, 0, 500));
    for (int i = 0; i < 200; i++) {
      add(Tags.audio(i * 23L, i, 100));
    }
    timeline.trim(0);
    assertThat(timeline.first()).isZero();
    assertThat(stills()).containsExactly(0);
    assertThat(timeline.timeAt(timeline.joinIndex())).isGreaterThan(3_000);
  }

  @Test
  void theNextPictureTakesThePlaceOfTheOneThatStayed() {
    add(Tags.keyframe(0, 0, 500));
    for (int i = 1; i < 200; i++) {
      add(Tags.audio(i * 23L, i, 100));
    }
    timeline.trim(timeline.next());
    add(Tags.keyframe(4_600, 1, 400));
    timeline.trim(timeline.next());
    assertThat(stills()).isEmpty();
    assertThat(timeline.timeAt(timeline.joinIndex())).isEqualTo(4_600);
    assertThat(timeline.bytes()).isEqualTo(400);
  }

  @Test
  void aHeaderThatCameAfterThePictureIsNotLost() {
    header(Tags.avcHeader(30));
    add(Tags.keyframe(0, 0, 500));
    for (int i = 1; i < 200; i++) {
      add(Tags.audio(i * 23L, i, 100));
    }
    header(Tags.avcHeader(40));
    add(Tags.audio(4_600, 200, 100));
    timeline.trim(timeline.next());
    assertThat(level(timeline.joinHeaders())).as("of the picture").isEqualTo(30);
    assertThat(level(timeline.headersAfterStills())).as("of the next").isEqualTo(40);
    assertThat(stills()).containsExactly(0);
  }

  @Test
  void manyPicturesBehindOneThatStayedAreBoundedAndAKeyframeIsWaitedFor() {
    add(Tags.keyframe(0, 0, 100_000));
    add(Tags.audio(3_000, 0, 100));
    timeline.trim(timeline.next());
    assertThat(stills()).containsExactly(0);
    for (int i = 1; i < 10; i++) {
      add(Tags.inter(3_000 + i * 40L, i, 50_000));
      timeline.trim(timeline.next());
    }
    assertThat(stills()).isEmpty();
    assertThat(timeline.joinsWithoutVideo()).isTrue();
    assertThat(timeline.bytes()).isLessThan(1 << 20);
  }

  @Test
  void noPictureOfAnotherPublisherIsKept() {
    header(Tags.avcHeader(30));
    add(Tags.keyframe(0, 0, 500));
    for (int i = 1; i < 200; i++) {
      add(Tags.audio(i * 23L, i, 100));
    }
    timeline.trim(timeline.next());
    timeline.anotherPublisher();
    timeline.trim(timeline.next());
    assertThat(timeline.bytes()).isZero();
    assertThat(timeline.joinHeaders().of(TagType.VIDEO)).isEmpty();
    assertThat(timeline.joinsWithoutVideo()).isFalse();
  }

  private List<Integer> stills() {
    return timeline.stillsBefore(timeline.joinIndex()).stream().map(Tags::number).toList();
  }

  private static int level(SequenceHeaders headers) {
    FlvTag header = headers.of(TagType.VIDEO).getFirst();
    return header.payload().getByte(header.payload().readerIndex() + 8);
  }

  private void gop(long fromMs, int frames) {
    for (int i = 0; i < frames; i++) {
      long ms = fromMs + i * 40L;
      add(i == 0 ? Tags.keyframe(ms, i, 500) : Tags.inter(ms, i, 100));
    }
  }

  private void header(FlvTag tag) {
    add(SequenceHeaders.pinned(tag.type(), timeline.newestMs(), tag.payload()));
    tag.release();
  }

  private void add(FlvTag tag) {
    timeline.append(tag);
  }
}
