package dev.sluice.media.flv;

import static dev.sluice.media.Wire.hex;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Wire;
import dev.sluice.testkit.LeakCheck;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(LeakCheck.class)
class FlvTagTest {

  @ParameterizedTest(name = "{3}")
  @CsvSource({
    "VIDEO, 17 00 000000 01640028ffe10000, header, AVC sequence header",
    "VIDEO, 17 01 000000 00000002 6588, keyframe, AVC keyframe",
    "VIDEO, 27 01 000028 00000002 419a, none, AVC inter frame that others refer to",
    "VIDEO, 27 01 000028 00000002 019e, disposable, AVC inter frame with nal_ref_idc 0",
    "VIDEO, 27 01 000000 00000002 09f0 00000002 019e, disposable, behind an access unit delimiter",
    "VIDEO, 27 01 000000 000000ff 09f0 00000002 019e, none, lying NAL unit length",
    "VIDEO, 37 01 000000 00000002 419a, disposable, AVC frame marked disposable",
    "VIDEO, 17 02 000000, none, trap 33: AVC end of sequence",
    "VIDEO, 17 02, none, trap 33: AVC end of sequence without time",
    "VIDEO, 17 01 000000, none, trap 33: AVC keyframe without a picture",
    "VIDEO, 17, none, trap 33: only the first byte",
    "VIDEO, '', none, trap 33: empty video",
    "VIDEO, 57 00, none, command frame",
    "VIDEO, 1c 00 000000 0101600000, header, trap 34: HEVC under codec id 12",
    "VIDEO, 1c 01 000000 00000002 2601, keyframe, trap 34: HEVC keyframe under codec id 12",
    "VIDEO, 27 01 000000 00000002 0201, none, trap 34: HEVC slice under the AVC id is not"
        + " disposable",
    "VIDEO, 90 68766331 0101, header, Enhanced RTMP HEVC sequence start",
    "VIDEO, 91 68766331 000000 00000002 2601, keyframe, Enhanced RTMP coded frames",
    "VIDEO, 93 61763031 1200, keyframe, Enhanced RTMP coded frames without time",
    "VIDEO, a1 68766331 000000 00000002 0201, none, Enhanced RTMP inter frame",
    "VIDEO, b3 61763031 1200, disposable, Enhanced RTMP disposable frame",
    "VIDEO, a1 68766331 000000 00000003 000101, disposable, HEVC TRAIL_N",
    "VIDEO, a3 68766331 00000003 460150 00000003 100101, disposable, HEVC RASL_N behind a delimiter",
    "VIDEO, a3 68766331 00000003 100201, none, HEVC RASL_N of a higher sub-layer",
    "VIDEO, a3 68766331 00000003 200101, keyframe, HEVC BLA_W_LP is a random access point whatever its flag",
    "VIDEO, a3 68766331 00000003 120101, none, HEVC RASL_R",
    "VIDEO, a3 68766331 00000001 00, none, HEVC slice without its second header byte",
    "VIDEO, a3 68766331 000000ff 460150 00000003 100101, none, HEVC with a lying length",
    "VIDEO, a6 01 68766331 00 000000 00000003 000101, disposable, HEVC TRAIL_N of a track",
    "VIDEO, a6 11 68766331 00 00000a 000000 00000003 000101, none, many tracks in one body",
    "VIDEO, a1 61766331 000000 00000002 019e, disposable, AVC of Enhanced RTMP",
    "VIDEO, a1 61766331 000000 00000002 419a, none, AVC of Enhanced RTMP that others refer to",
    "VIDEO, a1 76703039 0001, none, VP9 does not tell",
    "VIDEO, 2c 01 000000 00000003 000101, disposable, trap 34: HEVC TRAIL_N under codec id 12",
    "VIDEO, 92 68766331, none, Enhanced RTMP sequence end",
    "VIDEO, 91 68766331, none, Enhanced RTMP keyframe without a picture",
    "VIDEO, 94 68766331 02, none, Enhanced RTMP metadata frame",
    "VIDEO, 97 02 000001 03 61763031 1200, keyframe, Enhanced RTMP behind a ModEx prefix",
    "VIDEO, 97 ff 0001 0000 01 61763031 1200, keyframe, ModEx with a 16-bit size",
    "VIDEO, 97 ff, none, ModEx that ends early",
    "VIDEO, 97 00 00, none, ModEx without a packet",
    "VIDEO, 96 01 61763031 00 1200, keyframe, Enhanced RTMP multitrack",
    "VIDEO, 96 01 61763031 00, none, multitrack keyframe without a picture",
    "VIDEO, 96 11 61763031 02 000002 1200, keyframe, one codec, many tracks",
    "VIDEO, 96 20 61763031, none, multitrack that ends before its track",
    "VIDEO, d0 05, none, Enhanced RTMP command frame, not a sequence start",
    "VIDEO, 90 6876, none, FourCC that ends early",
    "VIDEO, 12 00, keyframe, H.263 keyframe",
    "AUDIO, af 00 1210, header, AAC sequence header",
    "AUDIO, af 01 2110, none, AAC frame",
    "AUDIO, af 00, none, trap 33: empty AAC header",
    "AUDIO, 2f ff, none, MP3 frame",
    "AUDIO, 90 4f707573 4f, header, Enhanced RTMP Opus sequence start",
    "AUDIO, 91 4f707573 4f, none, Enhanced RTMP Opus frame",
    "AUDIO, 95 00 4f707573 00, header, Enhanced RTMP audio multitrack",
    "SCRIPT, 02 0000, none, script data",
  })
  void classifies(TagType type, String body, String trait, String why) {
    FlvTag tag = new FlvTag(type, 0, Wire.buffer(hex(body)));
    assertThat(tag.keyframe()).as("keyframe: " + why).isEqualTo(trait.equals("keyframe"));
    assertThat(tag.sequenceHeader()).as("header: " + why).isEqualTo(trait.equals("header"));
    assertThat(tag.disposable()).as("disposable: " + why).isEqualTo(trait.equals("disposable"));
    tag.release();
  }

  @Test
  void tracksAndDescriptionsOfEnhancedRtmpAreToldApart() {
    FlvTag colours = new FlvTag(TagType.VIDEO, 0, Wire.buffer(hex("94 68766331 02")));
    FlvTag plain = new FlvTag(TagType.VIDEO, 0, Wire.buffer(hex("90 68766331 01")));
    FlvTag third = new FlvTag(TagType.VIDEO, 0, Wire.buffer(hex("96 00 68766331 03 01")));
    FlvTag channels = new FlvTag(TagType.AUDIO, 0, Wire.buffer(hex("94 4f707573 01 02")));
    assertThat(colours.description()).isTrue();
    assertThat(channels.description()).isTrue();
    assertThat(plain.description()).isFalse();
    assertThat(third.track()).isEqualTo(3);
    assertThat(plain.track()).isZero();
    assertThat(
            List.of(
                colours.headerKind(),
                plain.headerKind(),
                third.headerKind(),
                channels.headerKind()))
        .doesNotHaveDuplicates();
    for (FlvTag tag : List.of(colours, plain, third, channels)) {
      tag.release();
    }
  }

  @Test
  void pictureOfAnotherTrackIsNoKeyframe() {
    FlvTag tag = new FlvTag(TagType.VIDEO, 40, Wire.buffer(hex("96 01 61763031 01 1200")));
    FlvTag beside = tag.besideAt(80);
    assertThat(tag.keyframe()).isTrue();
    assertThat(beside.keyframe()).isFalse();
    assertThat(beside.track()).isEqualTo(1);
    assertThat(beside.timestampMs()).isEqualTo(80);
    tag.release();
    beside.release();
  }

  @Test
  void tagAtAnotherTimeSharesThePayloadAndItsCount() {
    FlvTag tag = new FlvTag(TagType.VIDEO, 40, Wire.buffer(hex("17 01 000000 00000002 6588")));
    FlvTag later = tag.at(80);
    assertThat(later.payload()).isSameAs(tag.payload());
    assertThat(later.timestampMs()).isEqualTo(80);
    assertThat(later.keyframe()).isTrue();
    tag.release();
    assertThat(later.refCnt()).isEqualTo(1);
    later.release();
    assertThat(later.refCnt()).isZero();
  }
}
