package dev.sluice.origin.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.flv.FlvReader;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import dev.sluice.origin.files.FilePath;
import dev.sluice.origin.files.KeptDraft;
import dev.sluice.origin.files.MemoryFileStore;
import dev.sluice.origin.files.StoreLimits;
import dev.sluice.origin.flv.FlvIndex;
import dev.sluice.origin.flv.FlvScan;
import dev.sluice.origin.flv.RecordingHeader;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class RecordingFileTest {
  private static final String AVC_HEADER = "1700000000" + "0142c01effe1000067640000";
  private static final String AAC_HEADER = "af00" + "1210";
  private static final String KEYFRAME = "1701000000" + "00000002" + "6588";
  private static final String FRAME = "2701000000" + "00000002" + "4188";
  private static final String METADATA_1280_720 =
      ("02 000a 6f6e4d65746144617461 03" // "onMetaData", an object
              + "0005 7769647468 00 4094000000000000" // width
              + "0006 686569676874 00 4086800000000000" // height
              + "000009")
          .replace(" ", "");
  private static final String AUDIO = "af01" + "2110";

  private static final FilePath PATH = new FilePath("recordings/x.flv");

  private final MemoryFileStore store = new MemoryFileStore(StoreLimits.NONE);

  private static FlvTag tag(TagType type, long timeMs, String hex) {
    return new FlvTag(type, timeMs, Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex)));
  }

  private static void add(RecordingFile file, TagType type, long timeMs, String hex)
      throws IOException {
    FlvTag tag = tag(type, timeMs, hex);
    file.add(tag);
    tag.release();
  }

  /** Two keyframes 80 ms apart, with audio; stream times begin at 5000. */
  private static void addSmallStream(RecordingFile file) throws IOException {
    add(file, TagType.VIDEO, 5000, AVC_HEADER);
    add(file, TagType.AUDIO, 5000, AAC_HEADER);
    add(file, TagType.VIDEO, 5000, KEYFRAME);
    add(file, TagType.AUDIO, 5010, AUDIO);
    add(file, TagType.VIDEO, 5040, FRAME);
    add(file, TagType.VIDEO, 5080, KEYFRAME);
    add(file, TagType.AUDIO, 5090, AUDIO);
  }

  private static FlvIndex scan(byte[] file) throws IOException {
    return FlvScan.scan(
        (into, position) -> {
          int count = (int) Math.min(into.remaining(), file.length - position);
          into.put(file, (int) position, Math.max(0, count));
          return count <= 0 ? -1 : count;
        },
        file.length);
  }

  private RecordingFile create() throws IOException {
    return RecordingFile.create(Objects.requireNonNull(store.createKept(PATH)));
  }

  /** What a crash leaves of these bytes. */
  private void leave(byte[] bytes) throws IOException {
    KeptDraft draft = store.reopen(PATH);
    if (draft == null) {
      draft = Objects.requireNonNull(store.createKept(PATH));
    }
    draft.truncate(0);
    draft.append(ByteBuffer.wrap(bytes));
    draft.close();
  }

  private boolean repair() throws IOException {
    try (KeptDraft draft = Objects.requireNonNull(store.reopen(PATH))) {
      return RecordingFile.repair(draft);
    }
  }

  private byte[] content() throws IOException {
    try (KeptDraft draft = Objects.requireNonNull(store.reopen(PATH))) {
      ByteBuffer bytes = ByteBuffer.allocate((int) draft.size());
      draft.read(bytes, 0);
      return bytes.array();
    }
  }

  private static List<String> tagsOf(byte[] file) {
    List<String> tags = new ArrayList<>();
    ByteBuf bytes = Unpooled.wrappedBuffer(file);
    try (FlvReader reader = new FlvReader()) {
      reader.feed(bytes, tag -> tags.add(tag.type() + "@" + tag.timestampMs()));
    }
    return tags;
  }

  private byte[] smallPartial() throws IOException {
    try (RecordingFile file = create()) {
      addSmallStream(file);
      file.flush();
    }
    return content();
  }

  @Test
  void holdsNoMoreMemoryThanTheStreamNeeds() throws IOException {
    try (RecordingFile file = create()) {
      addSmallStream(file);
      assertThat(file.heldBytes()).as("thousands may record at once").isLessThanOrEqualTo(8 << 10);
    }
  }

  @Test
  void writesATagThatIsLongerThanItsBuffer() throws IOException {
    String large = KEYFRAME + "65".repeat(3 * RecordingFile.BUFFER_BYTES);
    try (RecordingFile file = create()) {
      add(file, TagType.VIDEO, 0, AVC_HEADER);
      add(file, TagType.AUDIO, 0, AUDIO);
      add(file, TagType.VIDEO, 40, large);
      add(file, TagType.AUDIO, 50, AUDIO);
      assertThat(file.heldBytes()).isLessThanOrEqualTo(RecordingFile.BUFFER_BYTES);
      assertThat(file.finish()).isTrue();
      assertThat(file.bytes()).isEqualTo(content().length);
    }
    byte[] bytes = content();
    assertThat(tagsOf(bytes))
        .containsExactly("SCRIPT@0", "VIDEO@0", "AUDIO@0", "VIDEO@40", "AUDIO@50");
    FlvIndex index = scan(content());
    assertThat(index.end()).isEqualTo(bytes.length);
    int at = (int) index.position(index.points() - 1) + 11;
    byte[] body = HexFormat.of().parseHex(large);
    assertThat(Arrays.copyOfRange(bytes, at, at + body.length)).isEqualTo(body);
  }

  @Test
  void beginsTimeAtTheFirstPictureAndKnowsItsKeyframes() throws IOException {
    try (RecordingFile file = create()) {
      addSmallStream(file);
      assertThat(file.finish()).isTrue();
      assertThat(file.durationMs()).isEqualTo(90);
    }
    assertThat(tagsOf(content()))
        .containsExactly(
            "SCRIPT@0",
            "VIDEO@0",
            "AUDIO@0",
            "VIDEO@0",
            "AUDIO@10",
            "VIDEO@40",
            "VIDEO@80",
            "AUDIO@90");
    FlvIndex index = scan(content());
    assertThat(index.points()).isEqualTo(2);
    assertThat(index.timeMs(1)).isEqualTo(80);
    assertThat(index.end()).isEqualTo(content().length);
    byte[] bytes = content();
    byte[] keyframe = HexFormat.of().parseHex(KEYFRAME);
    int at = (int) index.position(1) + 11;
    assertThat(Arrays.copyOfRange(bytes, at, at + keyframe.length)).isEqualTo(keyframe);
    assertThat(bytes[4]).as("flags: audio and video").isEqualTo((byte) 5);
  }

  @Test
  void namesEnhancedCodecsByFourCcAndTellsThePictureSizeThatTheEncoderTold() throws IOException {
    try (RecordingFile file = create()) {
      add(file, TagType.SCRIPT, 0, METADATA_1280_720);
      add(file, TagType.VIDEO, 0, "9076703039" + "00"); // sequence start, vp09
      add(file, TagType.AUDIO, 0, "904f707573" + "4f70757348656164"); // sequence start, Opus
      add(file, TagType.VIDEO, 0, "9176703039" + "82");
      add(file, TagType.AUDIO, 10, "914f707573" + "fc");
      assertThat(file.finish()).isTrue();
    }
    String header = HexFormat.of().formatHex(content());
    assertThat(header)
        .contains(number("width", 1280), number("height", 720))
        .contains(number("videocodecid", 0x76703039), number("audiocodecid", 0x4f707573));
  }

  private static String number(String name, double value) {
    HexFormat hex = HexFormat.of();
    return hex.formatHex(name.getBytes(StandardCharsets.US_ASCII))
        + "00"
        + hex.toHexDigits(Double.doubleToLongBits(value));
  }

  @Test
  void keepsNothingWithoutMedia() throws IOException {
    try (RecordingFile file = create()) {
      add(file, TagType.SCRIPT, 0, "02000a" + HexFormat.of().formatHex("onMetaData".getBytes()));
      assertThat(file.finish()).isFalse();
    }
    assertThat(content().length).isEqualTo(RecordingHeader.BYTES);
    assertThat(repair()).isFalse();
  }

  @Test
  void isMadeWholeWhereverItWasCut() throws IOException {
    byte[] whole = smallPartial();
    List<String> all = tagsOf(whole);
    List<Long> ends = new ArrayList<>();
    FlvReader reader = new FlvReader();
    long[] end = {13};
    reader.feed(Unpooled.wrappedBuffer(whole), tag -> ends.add(end[0] += tag.payloadBytes() + 15));
    reader.close();
    assertThat(ends.getLast()).isEqualTo(whole.length);

    for (int length = 0; length <= whole.length; length++) {
      if (length > 20 && length < RecordingHeader.BYTES - 20 && length % 1999 != 0) {
        continue; // within the metadata one cut is like the other
      }
      leave(Arrays.copyOf(whole, length));
      boolean kept = repair();
      int at = length;
      int tags = (int) ends.stream().filter(tagEnd -> tagEnd <= at).count();
      assertThat(kept).as("cut at %d", length).isEqualTo(tags > 1);
      if (kept) {
        byte[] repaired = content();
        assertThat(repaired.length)
            .as("cut at %d", length)
            .isEqualTo(ends.get(tags - 1).intValue());
        assertThat(tagsOf(repaired)).as("cut at %d", length).isEqualTo(all.subList(0, tags));
      }
    }
  }

  @Test
  void isCutWhereAHoleOfZerosBegins() throws IOException {
    byte[] whole = smallPartial();
    int from = (int) scan(content()).position(1) + 5;
    Arrays.fill(whole, from, whole.length, (byte) 0);
    leave(whole);
    assertThat(repair()).isTrue();
    FlvIndex index = scan(content());
    assertThat(index.points()).isEqualTo(1);
    assertThat(index.durationMs()).isEqualTo(40);
    assertThat(index.end()).isEqualTo(content().length);
  }

  @Test
  void thinsTheIndexOfAVeryLongRecording() throws IOException {
    int keyframes = 3 * RecordingHeader.MAX_POINTS;
    try (RecordingFile file = create()) {
      add(file, TagType.VIDEO, 0, AVC_HEADER);
      for (int i = 0; i < keyframes; i++) {
        add(file, TagType.VIDEO, i * 2000L, KEYFRAME);
      }
      assertThat(file.finish()).isTrue();
    }
    assertThat(tagsOf(content())).hasSize(keyframes + 2);
    assertThat(scan(content()).durationMs()).isEqualTo((keyframes - 1) * 2000L);
  }

  @Test
  void hasPlacesToStartFromWithoutVideo() throws IOException {
    try (RecordingFile file = create()) {
      add(file, TagType.AUDIO, 0, AAC_HEADER);
      for (int i = 0; i < 100; i++) {
        add(file, TagType.AUDIO, i * 100L, AUDIO);
      }
      assertThat(file.finish()).isTrue();
    }
    FlvIndex index = scan(content());
    assertThat(index.points()).isEqualTo(10);
    assertThat(index.timeMs(index.pointAtTime(4500))).isEqualTo(4000);
    assertThat(index.pointAtTime(-1)).isZero();
    assertThat(index.pointAtPosition(Long.MAX_VALUE)).isEqualTo(9);
    assertThat(content()[4]).isEqualTo((byte) 4);
  }
}
