package dev.sluice.media.vod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.flv.FlvReader;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FlvSeekTest {
  private int looks;

  private <T extends FileProbe> T run(T probe, byte[] file) {
    while (!probe.done()) {
      looks++;
      assertThat(probe.position()).isBetween(0L, file.length - 1L);
      assertThat(probe.bytes()).isBetween(1, FileProbe.MAX_BYTES);
      int from = (int) probe.position();
      probe.look(Unpooled.wrappedBuffer(file, from, Math.min(probe.bytes(), file.length - from)));
    }
    return probe;
  }

  private FlvOpening open(byte[] file) {
    return run(new FlvOpening(file.length), file);
  }

  private FlvSeek.Place seek(byte[] file, long timeMs) {
    return run(FlvSeek.toTime(open(file), timeMs), file).place();
  }

  private static FlvSeek.Place place(FlvBytes.Start start, int moved) {
    return new FlvSeek.Place(start.position() + moved, start.timeMs());
  }

  private void findsEveryTime(FlvBytes clip, byte[] file, int moved) {
    for (long timeMs = 0; timeMs <= clip.lastMs() + 1000; timeMs += 37) {
      assertThat(seek(file, timeMs))
          .as("%d ms", timeMs)
          .isEqualTo(place(clip.startAt(timeMs), moved));
    }
    assertThat(seek(file, Long.MAX_VALUE)).isEqualTo(place(clip.starts().getLast(), moved));
  }

  @Test
  void findsTheKeyframeAtOrBeforeEachTime() {
    FlvBytes clip = FlvBytes.clip(12, 500);
    findsEveryTime(clip, clip.bytes(), 0);
  }

  @Test
  void findsItInAFileTooLongToWalk() {
    FlvBytes clip = FlvBytes.clip(60, 9_000);
    findsEveryTime(clip, clip.bytes(), 0);
  }

  @Test
  void findsItWhereOneGroupOfPicturesIsLongerThanAWalk() {
    FlvBytes clip = new FlvBytes(true, true).videoHeader().audioHeader();
    for (int i = 0; i < 900; i++) {
      clip.frame(i * 40L, i % 300 == 0, 20_000).audio(i * 40L + 5, 60);
    }
    byte[] file = clip.bytes();
    for (long timeMs : new long[] {0, 1, 11_999, 12_000, 12_040, 20_000, 23_999, 24_000, 35_000}) {
      assertThat(seek(file, timeMs)).isEqualTo(place(clip.startAt(timeMs), 0));
    }
  }

  @Test
  void takesTheIndexOfTheMetadataAtItsWordAfterOneLook() {
    FlvBytes clip = FlvBytes.clip(60, 9_000);
    byte[] file = clip.indexed(0);
    findsEveryTime(clip, file, clip.indexBytes());
    FlvOpening opening = open(file);
    looks = 0;
    run(FlvSeek.toTime(opening, 17_000), file);
    assertThat(looks).isEqualTo(1);
  }

  @Test
  void searchesWhenTheIndexIsWrong() {
    FlvBytes clip = FlvBytes.clip(30, 9_000);
    findsEveryTime(clip, clip.indexed(13), clip.indexBytes());
  }

  @Test
  void looksAtLittleOfALongFile() {
    FlvBytes clip = FlvBytes.clip(400, 12_000);
    byte[] file = clip.bytes();
    FlvOpening opening = open(file);
    Random random = new Random(1);
    for (int i = 0; i < 50; i++) {
      long timeMs = random.nextInt((int) clip.lastMs());
      looks = 0;
      FlvSeek.Place found = run(FlvSeek.toTime(opening, timeMs), file).place();
      assertThat(found).isEqualTo(place(clip.startAt(timeMs), 0));
      assertThat(looks).as("looks of 256 KiB in %d MiB", file.length >> 20).isLessThan(16);
    }
  }

  @Test
  void startsAtAnyAudioTagWhereThereIsNoPicture() {
    FlvBytes clip = new FlvBytes(true, false).audioHeader();
    for (int i = 0; i < 3000; i++) {
      clip.startingAudio(i * 23L, 600);
    }
    findsEveryTime(clip, clip.bytes(), 0);
  }

  @Test
  void findsNothingWhereThereIsNoKeyframe() {
    FlvBytes clip =
        new FlvBytes(false, true).videoHeader().frame(0, false, 100).frame(40, false, 9);
    assertThat(seek(clip.bytes(), 10)).isNull();
  }

  @Test
  void worksWhereverAFileWasCut() {
    byte[] file = FlvBytes.clip(2, 60).metadata(Map.of("a", AmfValue.of(1))).bytes();
    for (int length = 0; length <= file.length; length++) {
      byte[] cut = Arrays.copyOf(file, length);
      FlvOpening opening = open(cut);
      if (opening.playable()) {
        for (long timeMs : new long[] {0, 390, 400, 10_000}) {
          FlvSeek.Place place = run(FlvSeek.toTime(opening, timeMs), cut).place();
          assertThat(place).as("cut at %d", length).isNotNull();
          assertThat(place.timeMs()).isIn(0L, 400L);
        }
        assertThat(run(FlvSeek.toPosition(opening, length), cut).done()).isTrue();
      }
    }
  }

  @Test
  void survivesAnyByteBeingWrong() {
    byte[] file = FlvBytes.clip(3, 40).indexed(0);
    Random random = new Random(3);
    for (int at = 0; at < file.length; at++) {
      byte[] broken = file.clone();
      broken[at] = (byte) random.nextInt(256);
      FlvOpening opening = open(broken);
      if (opening.playable()) {
        run(FlvSeek.toTime(opening, 500), broken);
        run(FlvSeek.toPosition(opening, at), broken);
      }
    }
  }

  @Test
  void aPositionMeansTheKeyframeThereOrBefore() {
    FlvBytes clip = FlvBytes.clip(40, 9_000);
    for (boolean indexed : new boolean[] {true, false}) {
      byte[] file = indexed ? clip.indexed(0) : clip.bytes();
      int moved = indexed ? clip.indexBytes() : 0;
      FlvOpening opening = open(file);
      for (int i = 0; i < clip.starts().size(); i++) {
        FlvBytes.Start start = clip.starts().get(i);
        long at = start.position() + moved;
        FlvSeek.Place expected = place(start, moved);
        assertThat(run(FlvSeek.toPosition(opening, at), file).place()).isEqualTo(expected);
        assertThat(run(FlvSeek.toPosition(opening, at + 5000), file).place()).isEqualTo(expected);
      }
      FlvSeek.Place last = place(clip.starts().getLast(), moved);
      assertThat(run(FlvSeek.toPosition(opening, Long.MAX_VALUE), file).place()).isEqualTo(last);
    }
  }

  @Test
  void aCutIsAFileOfItsOwnThatBeginsWithMetadataHeadersAndTheKeyframe() {
    FlvBytes clip = FlvBytes.clip(12, 500);
    byte[] file = clip.indexed(0);
    FlvOpening opening = open(file);
    FlvCut cut = FlvCut.at(opening, run(FlvSeek.toTime(opening, 1999), file).place());
    byte[] rest = Arrays.copyOfRange(file, (int) cut.position(), file.length);
    assertThat(cut.length(file.length)).isEqualTo(cut.head().length + rest.length);
    List<String> tags = new ArrayList<>();
    try (FlvReader reader = new FlvReader()) {
      reader.feed(
          Unpooled.wrappedBuffer(cut.head(), rest),
          tag ->
              tags.add(
                  tag.type()
                      + (tag.sequenceHeader() ? " header " : tag.keyframe() ? " key " : " ")
                      + tag.timestampMs()));
    }
    assertThat(tags)
        .startsWith(
            "SCRIPT 0", "VIDEO header 1600", "AUDIO header 1600", "VIDEO key 1600", "AUDIO 1605")
        .hasSize(3 + 2 * 80);
  }

  @Test
  void theMetadataOfACutSaysNothingOfTheBytesOfTheWholeFile() {
    byte[] file = FlvBytes.clip(12, 500).indexed(0);
    FlvOpening opening = open(file);
    assertThat(opening.metadata()).containsKeys("keyframes", "filesize", "lastkeyframelocation");
    FlvCut cut = FlvCut.at(opening, run(FlvSeek.toTime(opening, 1999), file).place());
    FlvOpening again = open(cut.head());
    assertThat(again.metadata()).containsOnlyKeys("duration", "lastkeyframetimestamp");
    assertThat(again.durationMs()).isEqualTo(opening.durationMs());
  }

  @Test
  void knowsTheDurationFromTheMetadataOrElseFromTheLastTag() {
    FlvBytes clip = FlvBytes.clip(3, 500);
    assertThat(open(clip.bytes()).durationMs()).isEqualTo(clip.lastMs());
    assertThat(open(clip.indexed(0)).durationMs()).isEqualTo(clip.lastMs());
    byte[] live =
        new FlvBytes(true, true)
            .metadata(Map.of("duration", AmfValue.of(0)))
            .videoHeader()
            .frame(0, true, 50)
            .audio(990, 10)
            .bytes();
    assertThat(open(live).durationMs()).isEqualTo(990);
  }

  @Test
  void isNotFooledByOtherFiles() {
    assertThat(open(new byte[0]).flv()).isFalse();
    assertThat(open("FLV torn".getBytes()).flv()).isFalse();
    assertThat(open(new byte[100_000]).flv()).isFalse();
    assertThat(open(new FlvBytes(true, true).bytes()).playable()).isFalse();
    assertThat(open(new FlvBytes(true, true).bytes()).flv()).isTrue();
  }

  @Test
  void readsWhatAPlayerMayAskFor() {
    assertThat(SeekQuery.of("/vod/a.flv", "12.5", "7")).isEqualTo(new SeekQuery(12_500, -1));
    assertThat(SeekQuery.of("/vod/a.flv", null, "7")).isEqualTo(new SeekQuery(-1, 7));
    assertThat(SeekQuery.of("/vod/a.flv", "0", null)).isNull();
    assertThat(SeekQuery.of("/vod/a.flv", null, null)).isNull();
    assertThat(SeekQuery.of("/vod/a.mp4", "12", null)).as("no FLV").isNull();
    for (String bad : List.of("-1", "x", "1e9", "", "12345678901", "1.")) {
      org.assertj.core.api.Assertions.assertThatIllegalArgumentException()
          .isThrownBy(() -> SeekQuery.of("/vod/a.flv", bad, null))
          .withMessageStartingWith("t: " + bad);
    }
    org.assertj.core.api.Assertions.assertThatIllegalArgumentException()
        .isThrownBy(() -> SeekQuery.of("/vod/a.flv", null, "9999999999999999"));
  }

  @Test
  void namesOnlyFilesBelowTheStore() {
    assertThat(VodPath.candidates("films/one")).containsExactly("films/one.flv", "films/one");
    for (String bad :
        List.of("", "../x", "a/../b", "a//b", "/a", "a/", ".sluice/lock", "a\\b", "a\0")) {
      assertThat(VodPath.candidates(bad)).as(bad).isEmpty();
    }
  }
}
