package dev.sluice.media.flv;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Wire;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.Tool;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a real encoder makes: without the disposable pictures every other one decodes the same. */
@ExtendWith(LeakCheck.class)
class DisposableFramesTest {
  @TempDir Path directory;

  @ParameterizedTest(name = "{0} {2}")
  @CsvSource({
    "libx264, h264, bframes=3:b-pyramid=normal:aud=1:slices=1:keyint=30",
    "libx265, hevc, bframes=3:b-pyramid=1:aud=1:keyint=30:log-level=error",
    "libx265, hevc, bframes=4:temporal-layers=1:aud=1:keyint=30:log-level=error",
  })
  void withoutThemEveryOtherPictureDecodesTheSame(String encoder, String format, String params)
      throws Exception {
    Path all = directory.resolve("all");
    ffmpeg(
        ("-f lavfi -i testsrc2=size=160x120:rate=25:duration=3 -c:v " + encoder)
            + (" -preset fast -" + encoder.substring(3) + "-params " + params)
            + (" -f " + format + " " + all));
    List<byte[]> pictures = pictures(Files.readAllBytes(all), format.equals("hevc"));
    assertThat(pictures).hasSize(75);
    ByteArrayOutputStream kept = new ByteArrayOutputStream();
    int dropped = 0;
    for (byte[] picture : pictures) {
      if (disposable(picture, format.equals("hevc") ? "hvc1" : "avc1")) {
        dropped++;
      } else {
        kept.writeBytes(picture);
      }
    }
    Path rest = Files.write(directory.resolve("rest"), kept.toByteArray());
    List<String> before = decoded(all, format);
    List<String> after = decoded(rest, format);
    assertThat(dropped).as("dropped").isBetween(5, 60);
    assertThat(after).hasSize(75 - dropped);
    assertThat(before).containsSubsequence(after);
  }

  /** As a tag of Enhanced RTMP: start codes become lengths. */
  private static boolean disposable(byte[] picture, String fourCc) {
    ByteBuf body = Unpooled.buffer().writeByte(0xA3).writeBytes(fourCc.getBytes(US_ASCII));
    for (byte[] unit : split(picture)) {
      body.writeInt(unit.length).writeBytes(unit);
    }
    FlvTag tag = new FlvTag(TagType.VIDEO, 0, body);
    boolean disposable = tag.disposable();
    tag.release();
    return disposable;
  }

  /** Access units, each from its delimiter on. */
  private static List<byte[]> pictures(byte[] stream, boolean hevc) {
    List<byte[]> pictures = new ArrayList<>();
    for (byte[] unit : split(stream)) {
      boolean first = hevc ? (unit[0] >> 1 & 0x3F) == 35 : (unit[0] & 0x1F) == 9;
      byte[] coded = Wire.join(new byte[] {0, 0, 0, 1}, unit);
      if (first) {
        pictures.add(coded);
      } else {
        pictures.addLast(Wire.join(pictures.removeLast(), coded));
      }
    }
    return pictures;
  }

  private static List<byte[]> split(byte[] stream) {
    List<byte[]> units = new ArrayList<>();
    int from = -1;
    for (int i = 0; i + 2 < stream.length; i++) {
      if (stream[i] == 0 && stream[i + 1] == 0 && stream[i + 2] == 1) {
        if (from >= 0) {
          units.add(unit(stream, from, i));
        }
        from = i + 3;
      }
    }
    units.add(unit(stream, from, stream.length));
    return units;
  }

  private static byte[] unit(byte[] stream, int from, int to) {
    int end = to;
    while (end > from && stream[end - 1] == 0) {
      end--; // the first zero of the next start code, or filling
    }
    return java.util.Arrays.copyOfRange(stream, from, end);
  }

  private List<String> decoded(Path stream, String format) throws Exception {
    Path sums = directory.resolve("sums");
    ffmpeg("-f " + format + " -i " + stream + " -vsync passthrough -f framemd5 " + sums);
    return Files.readAllLines(sums).stream()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.substring(line.lastIndexOf(' ')))
        .toList();
  }

  private void ffmpeg(String arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Tool.require("ffmpeg"));
    command.addAll(List.of("-v", "error", "-y", "-threads", "1"));
    command.addAll(List.of(arguments.split(" ")));
    Path said = directory.resolve("said");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(said)).isZero();
  }
}
