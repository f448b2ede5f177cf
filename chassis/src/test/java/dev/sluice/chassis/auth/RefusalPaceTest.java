package dev.sluice.chassis.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Issue 7, number 15: who guesses keys is slowed. */
class RefusalPaceTest {
  private final RefusalPace pace = new RefusalPace();

  private static InetAddress address(String text) throws Exception {
    return InetAddress.getByName(text);
  }

  @Test
  void eachRefusalIsAnsweredLaterUpToABoundAndForgottenAfterAQuietMinute() throws Exception {
    List<Long> delays = new ArrayList<>();
    for (int i = 0; i < 14; i++) {
      delays.add(pace.refused(address("192.0.2.1"), i).delayMs());
    }
    assertThat(delays)
        .containsExactly(
            0L, 0L, 0L, 0L, 0L, 100L, 200L, 400L, 800L, 1600L, 3200L, 5000L, 5000L, 5000L);
    assertThat(pace.refused(address("192.0.2.2"), 20).delayMs()).as("another address").isZero();
    long later = 21 + RefusalPace.FORGET_NANOS;
    assertThat(pace.refused(address("192.0.2.1"), later).delayMs()).as("a minute later").isZero();
  }

  @Test
  void addressesOfOneSlash64CountAsOne() throws Exception {
    for (int i = 0; i < 6; i++) {
      pace.refused(address("2001:db8::" + i), 0);
    }
    assertThat(pace.refused(address("2001:db8::ffff"), 0).delayMs()).isPositive();
    assertThat(pace.refused(address("2001:db8:0:1::1"), 0).delayMs()).isZero();
  }

  @Test
  void aFloodOfAddressesIsBoundedAndItsLinesAreFew() throws Exception {
    for (int i = 0; i < 20_000; i++) {
      pace.refused(
          InetAddress.getByAddress(new byte[] {10, (byte) (i >> 16), (byte) (i >> 8), (byte) i}),
          i);
    }
    assertThat(pace.size()).isEqualTo(RefusalPace.MOST);
    int lines = 0;
    for (int i = 0; i < 10_000; i++) {
      lines += pace.refused(address("192.0.2.9"), 0).logged() ? 1 : 0;
    }
    assertThat(lines).isLessThan(20);
  }

  @Test
  void whoTriesManyNamesIsSlowedAndWhoAsksForTheSameFewAgainIsNot() throws Exception {
    for (int i = 0; i < 10_000; i++) {
      assertThat(pace.missed(address("192.0.2.1"), "live/" + i % 20, i).delayMs()).isZero();
    }
    for (int i = 0; i < RefusalPace.FREE_NAMES; i++) {
      assertThat(pace.missed(address("192.0.2.2"), "live/" + i, i).delayMs()).isZero();
    }
    assertThat(pace.missed(address("192.0.2.2"), "live/guess", 50).delayMs()).isEqualTo(100);
    for (int i = 0; i < 100; i++) {
      pace.missed(address("192.0.2.2"), "live/guess" + i, 50);
    }
    assertThat(pace.missed(address("192.0.2.2"), "live/more", 50).delayMs()).isEqualTo(5000);
    assertThat(pace.missed(address("192.0.2.1"), "live/1", 50).delayMs()).as("another").isZero();
  }

  @Test
  void aPaceOfItsOwnBeginsAndEndsWhereItSays() throws Exception {
    RefusalPace strict = new RefusalPace(0, 1000, 3000);
    List<Long> delays = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      delays.add(strict.refused(address("192.0.2.1"), i).delayMs());
    }
    assertThat(delays).containsExactly(1000L, 2000L, 3000L, 3000L);
  }
}
