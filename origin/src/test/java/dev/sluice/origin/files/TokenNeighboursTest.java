package dev.sluice.origin.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.http.TokenPath;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a viewer may have by the token of one film is what is made of that film, by the same rule as
 * names are read ({@link HlsName}), and none of its neighbours.
 */
class TokenNeighboursTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "good.m3u8",
        "good.~ts.m3u8",
        "good.~0-5.m3u8",
        "good.~5-.ts.m3u8",
        "good.~10-20.ts.m3u8",
        "good.hls/0abc/init.mp4",
        "good.hls/0abc/init1.mp4",
        "good.hls/0abc/0.m4s",
        "good.hls/0abc/7.ts",
        "a.hls/good.hls/0abc/7.ts",
        // neighbours
        "good.hls/other.flv",
        "good.hls/other.m3u8",
        "good.hls/0abc/other.flv",
        "good.hls/0abc/other.mp4",
        "good.hls/0abc/init0.mp4",
        "good.hls/0abc/initial.mp4",
        "good.hls/0abc/007.m4s",
        "good.hls/0abc/12345678.m4s",
        "good.hls/0abc/deep/7.m4s",
        "good.hls/7.m4s",
        "good.hls/other.hls/0abc/7.m4s",
        "good.~backup.m3u8",
        "good.~.m3u8",
        "good.~5-3.m3u8",
        "good.~0-.m3u8",
        "good.~0-.ts.m3u8",
        "good.~05-9.m3u8",
        "good.~backup.hls/0abc/7.m4s",
        "good.~ts/other.m3u8",
        "good.flv",
        "good.mp4",
        "good2.m3u8",
      })
  void aTokenOpensWhatIsMadeOfItsFilmAndNoNeighbour(String name) {
    HlsName read = HlsName.of(new FilePath(name));
    String prefix = read == null ? null : "/vod/" + read.stem() + "/";
    assertThat(TokenPath.prefix("/vod/~t/" + name)).isEqualTo(prefix);
  }
}
