package dev.sluice.media.rtmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.media.amf.AmfLimits;
import dev.sluice.media.rtmp.RtmpException.Reason;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamPathTest {

  private static StreamPath resolve(String tcUrl, String app, String name) {
    return StreamPath.resolve(tcUrl, app, name, RtmpLimits.DEFAULT);
  }

  @ParameterizedTest(name = "trap 16, 17: app {0} and name {1} mean {2}/{3}")
  @CsvSource({
    "live, demo, live, demo",
    "live, demo.flv, live, demo",
    "live, flv:demo, live, demo",
    "live, mp4:demo.mp4, live, demo.mp4",
    "live, demo.v2.hd, live, demo.v2.hd",
    "live/_definst_, demo, live, demo",
    "live/, /demo, live, demo",
    "a/b, c, a/b, c",
    "a, b/c, a/b, c",
    "a/b/c, '', a/b, c",
    "live, flv:folder/demo, live/folder, demo",
    "live, folder/flv:demo, live/folder, demo",
  })
  void joinsAppAndNameAndCutsAtTheLastSlash(String app, String name, String toApp, String toName) {
    assertThat(resolve("", app, name)).isEqualTo(new StreamPath(toApp, toName, Map.of(), ""));
  }

  @Test
  void appMayBeMissingWhereTheUrlHasIt() {
    assertThat(resolve("rtmp://host:1935/live?a=1", "", "demo"))
        .isEqualTo(new StreamPath("live", "demo", Map.of("a", "1"), ""));
  }

  @ParameterizedTest(name = "issue 7, 15: app {0} and name {1} are {2}")
  @CsvSource({
    "demo, '', live/demo",
    "'', demo, live/demo",
    "'', demo?key=k, live/demo key=k",
    "live, rtmp://host/live/demo?key=k, live/demo key=k",
    "live, rtmp://host:1935/live/demo, live/demo",
    "live, rtmps://host/demo, live/demo",
    "cam, rtmp://host/other/demo, other/demo",
    "live, /live/demo?key=k, live/demo key=k",
    "a/b, /a/b/demo, a/b/demo",
    "live, /demo, live/demo",
    "live, live/demo, live/live/demo",
    "live/demo, key=k, live/demo key=k",
    "live, demo/key=k, live/demo key=k",
    "live/key=k, demo, live/demo key=k",
    "live, demo/key=a=b, live/demo key=a=b",
    "live, demo/token=1.bGl2ZQ.x_-y, live/demo token=1.bGl2ZQ.x_-y",
    "live, demo/key=path?key=query, live/demo key=query",
    "demo/key=k, '', live/demo key=k",
    "live, demo?redirect=http://a/b, live/demo redirect=http://a/b",
  })
  void addressesAsEncodersWriteThemMeanOneStream(String app, String name, String meant) {
    StreamPath path = resolve("rtmp://host/" + app, app, name);
    StringBuilder got = new StringBuilder(path.app()).append('/').append(path.name());
    path.params().forEach((key, value) -> got.append(' ').append(key).append('=').append(value));
    assertThat(path.fault()).isEmpty();
    assertThat(got).hasToString(meant);
  }

  @ParameterizedTest
  @CsvSource({
    "live, ''",
    "'', ''",
    "'', live",
    "live, rtmp://host",
    "live, rtmp://host/live",
    "key=k, ''"
  })
  void anAddressWithoutANameIsToldSo(String app, String name) {
    assertThat(resolve("rtmp://host/" + app, app, name).fault())
        .startsWith("The stream has no name:");
  }

  @Test
  void aKeyInThePathIsNotPrinted() {
    assertThat(resolve("", "live", "../key=secret").printable()).doesNotContain("secret");
  }

  @Test
  void trap18QueriesAreCollectedFromAnywhere() {
    assertThat(resolve("rtmp://h/live?u=1", "live?a=2", "demo?n=3"))
        .isEqualTo(new StreamPath("live", "demo", Map.of("u", "1", "a", "2", "n", "3"), ""));
    assertThat(resolve("", "app", "live?token=x/stream?y=1"))
        .isEqualTo(new StreamPath("app/live", "stream", Map.of("token", "x", "y", "1"), ""));
    assertThat(resolve("", "live", "demo?redirect=http://a/b&k=v"))
        .isEqualTo(new StreamPath("live", "demo", Map.of("redirect", "http://a/b", "k", "v"), ""));
    assertThat(resolve("rtmp://h/live?k=url", "live?k=app", "demo?k=name").params())
        .isEqualTo(Map.of("k", "name"));
  }

  @Test
  void parametersArePercentDecodedAndPlusStaysPlus() {
    assertThat(resolve("", "live", "demo?k=%2Fa%C3%A9+b&flag&=x&bad=%zz%4").params())
        .isEqualTo(Map.of("k", "/aé+b", "flag", "", "bad", "%zz%4"));
  }

  @ParameterizedTest(name = "app {0} and name {1} mean {2}/{3}")
  @CsvSource({
    "vod, a%20b, vod, a b",
    "vod, f%C3%A9lins/%e4%b8%80.flv, vod/félins, 一",
    "vod%2E1, '%66lv:demo', vod.1, demo",
    "vod, 100%, vod, 100%",
    "vod, 100%25, vod, 100%",
    "vod, a%2520b, vod, a%20b",
    "vod, a%3Fb=c, vod, a?b=c",
    "vod, a+b, vod, a+b",
  })
  void pathsArePercentDecodedOnceAsThoseOfHttpAre(
      String app, String name, String toApp, String toName) {
    assertThat(resolve("", app, name)).isEqualTo(new StreamPath(toApp, toName, Map.of(), ""));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "a%2fb, an encoded slash",
    "a%2Fb, an encoded slash",
    "a%00b, a control character or backslash",
    "a%0d%0ab, a control character or backslash",
    "a%5Cb, a control character or backslash",
    "a\\b, a control character or backslash",
    "../x, a . or .. segment",
    "%2e%2e/x, a . or .. segment",
    "%2E, a . or .. segment",
    "a%ffb, bytes that are no UTF-8",
    "a%c0%afb, bytes that are no UTF-8",
  })
  void whatHttpRefusesInAPathIsAFault(String name, String what) {
    assertThat(resolve("", "vod", name).fault()).isEqualTo("The stream's name has " + what + ".");
    assertThat(resolve("", "vod/" + name, "x").fault()).contains(what);
  }

  @Test
  void surplusParametersAreDroppedAndLongNamesRefused() {
    RtmpLimits small = new RtmpLimits(1000, 1000, 8, 1000, new AmfLimits(8, 100), 20, 2);
    assertThat(StreamPath.resolve("", "live", "d?a=1&b=2&c=3&a=4", small).params())
        .isEqualTo(Map.of("a", "4", "b", "2"));
    assertThatThrownBy(() -> StreamPath.resolve("", "live", "x".repeat(21), small))
        .isInstanceOfSatisfying(
            RtmpException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NAME_TOO_LONG))
        .hasMessage("name: 21 characters (expected: at most 20)");
  }

  @Test
  void requestsDoNotPrintTheirParameters() {
    PublishRequest request = new PublishRequest("live", "demo", Map.of("key", "secret"), 1);
    assertThat(request.toString()).isEqualTo("publish live/demo");
    assertThat(new RtmpTarget("live", "rtmp://h/live", "demo?key=secret").toString())
        .isEqualTo("rtmp://h/live/demo");
  }
}
