package dev.sluice.edge.beacon;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class SenderPaceTest {
  private static final long SECOND = 1_000_000_000L;
  private final SenderPace pace = new SenderPace(60);

  private static InetAddress address(String text) throws Exception {
    return InetAddress.getByName(text);
  }

  private int taken(InetAddress from, long nanos, int sent) {
    int taken = 0;
    for (int i = 0; i < sent; i++) {
      taken += pace.take(from, nanos) ? 1 : 0;
    }
    return taken;
  }

  @Test
  void aMinutesWorthIsTakenAtOnceAndThenOneASecond() throws Exception {
    InetAddress one = address("192.0.2.1");
    assertThat(taken(one, 0, 100)).isEqualTo(60);
    assertThat(taken(one, 10 * SECOND, 100)).isEqualTo(10);
    assertThat(taken(one, 3600 * SECOND, 100)).isEqualTo(60);
  }

  @Test
  void othersAreNotHeldToItButThoseOfTheSameNetworkInIpv6Are() throws Exception {
    assertThat(taken(address("192.0.2.1"), 0, 100)).isEqualTo(60);
    assertThat(taken(address("192.0.2.2"), 0, 100)).isEqualTo(60);
    assertThat(taken(address("2001:db8::1"), 0, 50)).isEqualTo(50);
    assertThat(taken(address("2001:db8::2"), 0, 50)).isEqualTo(10);
    assertThat(taken(address("2001:db8:0:1::2"), 0, 50)).isEqualTo(50);
  }
}
