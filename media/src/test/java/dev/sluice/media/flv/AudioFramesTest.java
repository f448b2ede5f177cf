package dev.sluice.media.flv;

import static dev.sluice.media.Wire.hex;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Wire;
import dev.sluice.testkit.LeakCheck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(LeakCheck.class)
class AudioFramesTest {
  private static final String FLAC_INFO =
      "1000 1000 00000e 000016 0ac44 2 f 000000000 000102030405060708090a0b0c0d0e0f";

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "AAC-LC,            af 00 1210,             af 01 2110,           44100, 1024, 2",
    "AAC with SBR,      af 00 2b92 0800,        af 01 2110,           22050, 1024, 2",
    "AAC of 960,        af 00 1214,             af 01 2110,           44100,  960, 2",
    "AAC at 96 kHz,     af 00 1010,             af 01 2110,           96000, 1024, 2",
    "MP3,               2f fffb9064,            2f fffb9264,          44100, 1152, 2",
    "MP3 of MPEG-2,     2b fff380c4,            2b fff380c4,          22050,  576, 1",
    "MP3 of MPEG-2.5,   2b ffe388c4,            2b ffe388c4,           8000,  576, 1",
    "MP3 new way,       91 2e6d7033 fffb9464,   91 2e6d7033 fffb9464, 48000, 1152, 2",
    "Opus of 20 ms,     90 4f707573 4f70757348656164010238010000000000 0000, 91 4f707573 fc01, 48000, 960, 2",
    "Opus of two frames,  90 4f707573 4f70757348656164010138010000000000 0000, 91 4f707573 0101, 48000, 960, 1",
    "Opus of six frames,  90 4f707573 4f70757348656164010138010000000000 0000, 91 4f707573 1b06, 48000, 5760, 1",
    "AC-3,              91 61632d33 0b770000 14 40 e1, 91 61632d33 0b770000 14 40 e1, 48000, 1536, 0",
  })
  void countsTheSamplesOfAFrame(
      String name, String header, String frame, int rate, int samples, int channels) {
    FlvTag first = tag(header);
    FlvTag next = tag(frame);
    AudioFrames frames = AudioFrames.of(first);
    assertThat(frames.rate()).isEqualTo(rate);
    assertThat(frames.samples(next)).isEqualTo(samples);
    assertThat(frames.channels()).isEqualTo(channels);
    first.release();
    next.release();
  }

  @ParameterizedTest
  @CsvSource({
    "fff8 c918 00 aaaa, 4096",
    "fff8 1918 00 aaaa, 192",
    "fff8 5918 00 aaaa, 4608",
    "fff8 6918 05 3f aa, 64",
    "fff8 7918 c280 0fff aa, 4096",
    "fff8 7918 05 01, 4096",
    "fff8 0918 05 01, 4096",
    "fff8, 4096"
  })
  void aFrameOfFlacSaysItself(String frame, int samples) {
    FlvTag header = tag("90 664c6143 664c6143 80000022" + FLAC_INFO);
    FlvTag next = tag("91 664c6143" + frame);
    AudioFrames frames = AudioFrames.of(header);
    assertThat(frames.rate()).isEqualTo(44100);
    assertThat(frames.channels()).isEqualTo(2);
    assertThat(frames.samples(next)).isEqualTo(samples);
    header.release();
    next.release();
  }

  @ParameterizedTest
  @CsvSource({
    "af 00 12",
    "af 01 2110",
    "2f ffeb9064",
    "2f fffb",
    "2f fffb9c64",
    "b2 0102",
    "90 664c6143 664c6143 80000022 1000",
    "91 65632d33 0b77",
    "91 61632d33 0b7700",
    "90 4f70"
  })
  void whatCannotBeCountedHasNoFrames(String header) {
    FlvTag tag = tag(header);
    assertThat(AudioFrames.of(tag)).isNull();
    tag.release();
  }

  @Test
  void framesOfAnotherCodecHaveNoSamples() {
    FlvTag header = tag("af 00 1210");
    FlvTag other = tag("2f fffb9064");
    assertThat(AudioFrames.of(header).samples(other)).isZero();
    assertThat(AudioFrames.of(header).samples(header)).isZero();
    header.release();
    other.release();
  }

  private static FlvTag tag(String body) {
    return new FlvTag(TagType.AUDIO, 0, Wire.buffer(hex(body)));
  }
}
