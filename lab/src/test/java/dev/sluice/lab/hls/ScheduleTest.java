package dev.sluice.lab.hls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScheduleTest {
  private static final long MS = 1_000_000;
  private static final String LIST = "/live/x/index.m3u8";

  @TempDir private Path directory;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** A player that joined, then played three parts in the window. */
  private static Recording recording() {
    Recording recording = new Recording();
    recording.took(true, LIST, 0, 5 * MS, bytes("joining"));
    recording.begin(1200);
    recording.took(false, "/live/x/a/1.0.m4s", 6 * MS, 9 * MS, bytes("a part in flight"));
    recording.took(true, LIST + "?_HLS_msn=1&_HLS_part=1", 10 * MS, 400 * MS, bytes("one"));
    recording.took(false, "/live/x/a/1.1.m4s", 401 * MS, 420 * MS, bytes("part1"));
    recording.took(true, LIST + "?_HLS_msn=1&_HLS_part=2", 421 * MS, 800 * MS, bytes("two"));
    recording.took(false, "/live/x/a/1.2.m4s", 801 * MS, 820 * MS, bytes("part-2"));
    recording.took(true, LIST + "?_HLS_msn=1&_HLS_part=3", 821 * MS, 1220 * MS, bytes("three"));
    recording.took(false, "/live/x/a/1.3.m4s", 1221 * MS, 1240 * MS, bytes("cut off"));
    return recording;
  }

  @Test
  void aPlaylistIsDueWhenItWasAnsweredAndAPartWhenItWasAskedFor() {
    assertThat(recording().schedule())
        .isEqualTo(
            new Schedule(
                820,
                1200,
                List.of(
                    new Schedule.Entry(0, "/live/x/index-0.m3u8", 3, true),
                    new Schedule.Entry(1, "/live/x/a/1.1.m4s", 5, false),
                    new Schedule.Entry(400, "/live/x/index-2.m3u8", 3, true),
                    new Schedule.Entry(401, "/live/x/a/1.2.m4s", 6, false))));
  }

  @Test
  void whatWasRecordedLiesThereAsFilesAndIsReadAgain() throws Exception {
    recording().write(directory);
    assertThat(Files.readString(directory.resolve("live/x/index-2.m3u8"))).isEqualTo("two");
    assertThat(Files.readString(directory.resolve("live/x/a/1.2.m4s"))).isEqualTo("part-2");
    Schedule read = Schedule.read(Files.readString(directory.resolve(Schedule.FILE)));
    assertThat(read).isEqualTo(recording().schedule());
  }

  @Test
  void itBeginsAgainAfterItsPeriodAndAPlayerWithTheNextPlaylist() {
    Schedule schedule = recording().schedule();
    assertThat(schedule.atMs(4)).isEqualTo(820);
    assertThat(schedule.atMs(7)).isEqualTo(1221);
    assertThat(schedule.begin(0)).isZero();
    assertThat(schedule.begin(0.5)).isEqualTo(2);
    assertThat(schedule.begin(401)).isEqualTo(4);
    assertThat(schedule.begin(8200)).isEqualTo(40);
  }

  @Test
  void aRecordingWithoutTwoPlaylistsIsRefused() {
    Recording recording = new Recording();
    recording.begin(0);
    recording.took(true, LIST, 0, 5 * MS, bytes("one"));
    assertThatThrownBy(recording::schedule).hasMessageContaining("expected: a longer window");
  }

  @Test
  void linesThatAreNoScheduleAreNamed() {
    for (String line : List.of("", "0\t/a\tx\tlist", "schedule\t5", "0\ta\t1\tlist")) {
      assertThatThrownBy(() -> Schedule.read("schedule\t100\t1200\n" + line + "\n"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("schedule: ");
    }
  }
}
