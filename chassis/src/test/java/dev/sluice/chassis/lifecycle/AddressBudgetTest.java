package dev.sluice.chassis.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AddressBudgetTest {
  private final List<EmbeddedChannel> open = new ArrayList<>();

  @AfterEach
  void close() {
    open.forEach(channel -> channel.close().syncUninterruptibly());
  }

  private EmbeddedChannel from(String address) {
    EmbeddedChannel channel =
        new EmbeddedChannel() {
          @Override
          protected SocketAddress remoteAddress0() {
            return new InetSocketAddress(InetAddress.ofLiteral(address), 1000);
          }
        };
    open.add(channel);
    return channel;
  }

  @Test
  void anAddressGetsSoManyConnectionsAndOneMoreWhenOneCloses() {
    AddressBudget budget = new AddressBudget(2);
    EmbeddedChannel first = from("192.0.2.1");
    assertThat(budget.admit(first)).isTrue();
    assertThat(budget.admit(from("192.0.2.1"))).isTrue();
    assertThat(budget.admit(from("192.0.2.1"))).isFalse();
    assertThat(budget.admit(from("192.0.2.2"))).isTrue();
    first.close().syncUninterruptibly();
    assertThat(budget.admit(from("192.0.2.1"))).isTrue();
    assertThat(budget.admit(from("192.0.2.1"))).isFalse();
  }

  @Test
  void aSixtyFourOfIpv6IsOneClient() {
    AddressBudget budget = new AddressBudget(1);
    assertThat(budget.admit(from("2001:db8:0:1::1"))).isTrue();
    assertThat(budget.admit(from("2001:db8:0:1:ffff:ffff:ffff:ffff"))).isFalse();
    assertThat(budget.admit(from("2001:db8:0:2::1"))).isTrue();
  }

  @Test
  void nothingIsKeptOfAddressesThatHaveLeft() {
    AddressBudget budget = new AddressBudget(5);
    for (int i = 0; i < 200; i++) {
      EmbeddedChannel channel = from("192.0.2." + i);
      assertThat(budget.admit(channel)).isTrue();
      channel.close().syncUninterruptibly();
    }
    assertThat(budget.addresses()).isZero();
  }

  @Test
  void zeroIsNoLimit() {
    AddressBudget budget = new AddressBudget(0);
    for (int i = 0; i < 100; i++) {
      assertThat(budget.admit(from("192.0.2.1"))).isTrue();
    }
    assertThat(budget.addresses()).isZero();
  }
}
