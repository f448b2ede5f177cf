package dev.sluice.edge.beacon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BeaconTest {
  private static @Nullable Beacon parse(String text) {
    return Beacon.parse(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void readsWhatAPlayerSays() {
    assertThat(
            parse(
                "{'cid':'live/demo','over':'http-flv','msd':412,'ltc':850,'bs':1,'bsd':2100,'df':3,"
                    + "'moves':1,'pt':30000}"))
        .isEqualTo(new Beacon("live/demo", Beacon.Over.HTTP_FLV, 412, 850, 1, 2100, 3, 1, 30_000));
  }

  @Test
  void whatIsLeftOutIsNothingNew() {
    assertThat(parse("{'cid':'live/demo','over':'hls'}"))
        .isEqualTo(new Beacon("live/demo", Beacon.Over.HLS, -1, -1, 0, 0, 0, 0, 0));
  }

  @Test
  void numbersBeyondWhatCanBeAreCutAndOthersAreNothing() {
    assertThat(
            parse(
                "{'cid':'a','over':'file','msd':1e99,'ltc':-5,'bs':100000,'bsd':'x','df':1e300,"
                    + "'moves':-1e300,'pt':null}"))
        .isEqualTo(
            new Beacon(
                "a",
                Beacon.Over.FILE,
                Beacon.LONGEST_MS,
                -1,
                Beacon.MOST_STALLS,
                0,
                Beacon.MOST_FRAMES,
                0,
                0));
  }

  @Test
  void whatIsNoBeaconIsNone() {
    assertThat(parse("")).isNull();
    assertThat(parse("[]")).isNull();
    assertThat(parse("{'cid':'live/demo','over':'smoke'}")).isNull();
    assertThat(parse("{'over':'hls'}")).isNull();
    assertThat(parse("{'cid':'" + "x".repeat(201) + "','over':'hls'}")).isNull();
    assertThat(parse("{'cid':'live/demo','over':'hls'")).isNull();
    assertThat(parse("[".repeat(1000))).isNull();
  }
}
