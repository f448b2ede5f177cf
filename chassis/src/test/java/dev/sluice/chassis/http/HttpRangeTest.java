package dev.sluice.chassis.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpRangeTest {

  private static HttpRange.Selection select(String header, long total) {
    return HttpRange.select(header, total);
  }

  private static HttpRange.Selection parts(HttpRange... ranges) {
    return new HttpRange.Parts(List.of(ranges));
  }

  @Test
  void everyClosedRangeOfASmallBodyIsCutToTheBody() {
    for (int total = 0; total <= 9; total++) {
      for (int first = 0; first <= 11; first++) {
        for (int last = 0; last <= 11; last++) {
          HttpRange.Selection expected =
              last < first
                  ? new HttpRange.Whole()
                  : first >= total
                      ? new HttpRange.Unsatisfiable()
                      : parts(new HttpRange(first, Math.min(last, total - 1)));
          assertThat(select("bytes=" + first + "-" + last, total))
              .as("%d-%d of %d", first, last, total)
              .isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void everyOpenAndSuffixRangeOfASmallBody() {
    for (int total = 0; total <= 9; total++) {
      for (int n = 0; n <= 11; n++) {
        assertThat(select("bytes=" + n + "-", total))
            .isEqualTo(
                n >= total ? new HttpRange.Unsatisfiable() : parts(new HttpRange(n, total - 1)));
        assertThat(select("bytes=-" + n, total))
            .isEqualTo(
                n == 0 || total == 0
                    ? new HttpRange.Unsatisfiable()
                    : parts(new HttpRange(Math.max(0, total - n), total - 1)));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-",
        "bytes=1",
        "bytes=1-2-3",
        "bytes=-1-2",
        "items=0-1",
        "bytes=0-1,x",
        "bytes= , ,",
        "bytes=+1-2",
        "bytes=1 -2",
        "bytes=２-3"
      })
  void whatIsMalformedIsIgnored(String header) {
    assertThat(select(header, 10)).isEqualTo(new HttpRange.Whole());
  }

  @Test
  void noHeaderIsTheWhole() {
    assertThat(HttpRange.select(null, 10)).isEqualTo(new HttpRange.Whole());
  }

  @Test
  void severalRangesKeepTheirOrderAndLoseWhatIsOutside() {
    assertThat(select("bytes=5-6, 0-1 ,,-1, 90-", 10))
        .isEqualTo(parts(new HttpRange(5, 6), new HttpRange(0, 1), new HttpRange(9, 9)));
    assertThat(select("bytes=10-,11-12", 10)).isEqualTo(new HttpRange.Unsatisfiable());
  }

  @Test
  void moreThanTheWholeOrTooManyRangesAreTheWhole() {
    assertThat(select("bytes=0-,0-", 10)).isEqualTo(new HttpRange.Whole());
    assertThat(select("bytes=0-0" + ",1-1".repeat(HttpRange.MAX_RANGES), 1000))
        .isEqualTo(new HttpRange.Whole());
  }

  @Test
  void hugeNumbersDoNotOverflow() {
    String huge = "9".repeat(40);
    assertThat(select("bytes=0-" + huge, 10)).isEqualTo(parts(new HttpRange(0, 9)));
    assertThat(select("bytes=-" + huge, 10)).isEqualTo(parts(new HttpRange(0, 9)));
    assertThat(select("bytes=" + huge + "-", 10)).isEqualTo(new HttpRange.Unsatisfiable());
    assertThat(select("bytes=0-" + Long.MAX_VALUE, Long.MAX_VALUE))
        .isEqualTo(parts(new HttpRange(0, Long.MAX_VALUE - 1)));
  }
}
