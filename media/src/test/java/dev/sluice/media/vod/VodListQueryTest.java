package dev.sluice.media.vod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VodListQueryTest {
  @ParameterizedTest
  @CsvSource({
    ", , , a/b.m3u8",
    "mp4, , , a/b.m3u8",
    ", 0, , a/b.m3u8",
    "ts, , , a/b.~ts.m3u8",
    ", 10, 20.5, a/b.~10000-20500.m3u8",
    ", 1.0004, , a/b.~1000-.m3u8",
    ", , 7, a/b.~0-7000.m3u8",
    "ts, 10, , a/b.~10000-.ts.m3u8",
    "ts, 1, 999999999, a/b.~1000-999999999000.ts.m3u8",
  })
  void everyFormHasANameThatSaysTheSame(String container, String from, String to, String name) {
    VodListQuery query = VodListQuery.of("a/b.m3u8", container, from, to);
    assertThat(query.name("a/b.m3u8")).isEqualTo(name);
    String stem = name.substring(0, name.length() - ".m3u8".length());
    VodListQuery read = VodListQuery.read(stem);
    if (query.equals(VodListQuery.WHOLE)) {
      assertThat(read).isNull();
    } else {
      assertThat(read).isEqualTo(query);
      assertThat(VodListQuery.whole(stem)).isEqualTo("a/b");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "avi, , , container: avi",
    "'', , , 'container: '",
    ", -1, , from: -1",
    ", 1e3, , from: 1e3",
    ", NaN, , from: NaN",
    ", '', , 'from: '",
    ", 1234567890, , from: 1234567890",
    ", 5, 5, to: 5",
    ", 5, 4.9, to: 4.9",
    ", , 0, to: 0",
    ", , x, to: x",
  })
  void whatMakesNoSenseIsSaidWithWhatWasExpected(
      String container, String from, String to, String sentence) {
    assertThatThrownBy(() -> VodListQuery.of("a.m3u8", container, from, to))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(sentence)
        .hasMessageContaining("(expected: ");
  }

  @Test
  void otherFilesHaveNoForms() {
    assertThat(VodListQuery.of("a.flv", "x", "y", "z")).isEqualTo(VodListQuery.WHOLE);
  }

  @ParameterizedTest
  @CsvSource({
    "a",
    "a.~",
    "a.~tst",
    "a.~5-5",
    "a.~5-4",
    "a.~0-",
    "a.~05-6",
    "a.~1-02",
    "a.~-5",
    "a.~1-2.tsx",
    "a.~99999999999999-",
    "a.~.ts"
  })
  void namesThatAreNotWrittenSoAreThoseOfOtherFiles(String stem) {
    assertThat(VodListQuery.read(stem)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b.mp4", "a/b.flv"})
  void aClipOfAFilmItselfIsRefusedAndNotTheWholeInstead(String path) {
    assertThatThrownBy(() -> VodListQuery.of(path, null, "10", "20.5"))
        .hasMessageContaining("a/b.m3u8 with from and to");
    assertThatThrownBy(() -> VodListQuery.of(path, null, null, "20"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(VodListQuery.of(path, null, "a-friend", null)).isEqualTo(VodListQuery.WHOLE);
    assertThat(VodListQuery.of("a/b.jpg", null, "10", null)).isEqualTo(VodListQuery.WHOLE);
  }
}
