package dev.sluice.media.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DateRangeTest {
  private static final long START = 1_796_000_001_500L;

  private static DateRange with(String id, String kind, Map<String, String> attributes) {
    return new DateRange(id, kind, START, 30_250, attributes);
  }

  @Test
  void isWrittenAsThePlaylistHasItAndReadAgain() {
    DateRange range =
        with("ad-7", "com.example.ad", Map.of("X-TITLE", "a, b=c", "SCTE35-OUT", "0xFC30"));
    assertThat(range.text())
        .isEqualTo(
            "ID=\"ad-7\",CLASS=\"com.example.ad\",START-DATE=\"2026-11-30T00:53:21.500Z\","
                + "DURATION=30.250,SCTE35-OUT=0xFC30,X-TITLE=\"a, b=c\"");
    assertThat(DateRange.read(range.text())).isEqualTo(range);
    DateRange open = new DateRange("t", "", START, DateRange.OPEN, Map.of());
    assertThat(open.text()).doesNotContain("DURATION", "CLASS");
    assertThat(DateRange.read(open.text())).isEqualTo(open);
  }

  @Test
  void attributesThatOursDoNotHaveArePassedOver() {
    String text = with("a", "", Map.of("X-A", "1")).text();
    assertThat(DateRange.read(text + ",END-ON-NEXT=YES,PLANNED-DURATION=4.5"))
        .isEqualTo(with("a", "", Map.of("X-A", "1")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "ID=\"a\"",
        "ID=\"\",START-DATE=\"2026-11-30T00:53:21.500Z\"",
        "ID=\"a\",START-DATE=\"yesterday\"",
        "ID=\"a\",START-DATE=\"2026-11-30T00:53:21.500Z\",DURATION=-1",
        "ID=\"a\",START-DATE=\"2026-11-30T00:53:21.500Z\",DURATION=99999999",
        "ID=\"a\" ,START-DATE=\"2026-11-30T00:53:21.500Z\"",
        "ID=\"a\",START-DATE=\"2026-11-30T00:53:21.500Z",
        "ID=\"a\",START-DATE=\"2026-11-30T00:53:21.500Z\",SCTE35-OUT=12",
      })
  void whatIsNoneIsNotRead(String text) {
    assertThat(DateRange.read(text)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a\"b", "a\nb", "a\rb", "a\u0000", "a\u0085b", "a\u2028b", "\ud800", "a\udc00"})
  void textThatWouldBreakThePlaylistIsRefusedWhereverItIs(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> with(text, "", Map.of()))
        .withMessageStartingWith("id: ")
        .withMessageContaining("no double quotes and no control characters");
    assertThatIllegalArgumentException().isThrownBy(() -> with("a", text, Map.of()));
    assertThatIllegalArgumentException().isThrownBy(() -> with("a", "", Map.of("X-A", text)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> with("a", "", Map.of("X-A" + text, "b")))
        .withMessageStartingWith("attribute: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"TITLE", "X-", "x-a", "X-a", "X-A=B", "END-DATE", "ID", "DURATION", "X-A,B"})
  void namesThatMeanSomethingElseAreRefused(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> with("a", "", Map.of(name, "b")))
        .withMessageContaining("expected: X- and A to Z");
  }

  @Test
  void everyLengthHasItsLimit() {
    assertThatIllegalArgumentException().isThrownBy(() -> with("i".repeat(65), "", Map.of()));
    assertThatIllegalArgumentException().isThrownBy(() -> with("a", "k".repeat(129), Map.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> with("a", "", Map.of("X-A", "v".repeat(513))));
    Map<String, String> many = new TreeMap<>();
    Map<String, String> large = new TreeMap<>();
    for (int i = 0; i < 17; i++) {
      many.put("X-" + i, "");
      if (i < 9) {
        large.put("X-" + i, "v".repeat(500));
      }
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> with("a", "", many))
        .withMessageContaining("17 (expected: at most 16)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> with("a", "", large))
        .withMessageContaining("at most 4096 in all");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DateRange("a", "", START, 86_400_001, Map.of()));
    assertThatIllegalArgumentException().isThrownBy(() -> new DateRange("a", "", -1, 0, Map.of()));
  }

  @Test
  void oneThatIsOpenMayBeGivenItsEndAndNothingElse() {
    DateRange open = new DateRange("a", "", START, DateRange.OPEN, Map.of("X-A", "1"));
    DateRange closed = new DateRange("a", "", START, 5_000, Map.of("X-A", "1"));
    assertThat(open.and(closed)).isEqualTo(closed);
    assertThat(closed.and(open)).isEqualTo(closed);
    assertThat(closed.and(new DateRange("a", "", START, 6_000, Map.of("X-A", "1")))).isNull();
    assertThat(open.and(new DateRange("a", "", START, 6_000, Map.of("X-A", "2")))).isNull();
    assertThat(open.and(new DateRange("a", "", START + 1, 6_000, Map.of("X-A", "1")))).isNull();
  }
}
