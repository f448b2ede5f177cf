package dev.sluice.chassis.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventLoopsTest {
  private final EventLoops loops = EventLoops.create(2);

  private static final class Nothing extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {}
  }

  @AfterEach
  void close() {
    loops.close();
  }

  @Test
  void saysInOneSentenceWhyItCannotListen() {
    Channel first = loops.listen(new InetSocketAddress("127.0.0.1", 0), new Nothing());
    int port = ((InetSocketAddress) first.localAddress()).getPort();
    assertThat(port).isPositive();
    assertThatExceptionOfType(ListenException.class)
        .isThrownBy(() -> loops.listen(new InetSocketAddress("127.0.0.1", port), new Nothing()))
        .withMessage("port " + port + " on 127.0.0.1 is in use");
    assertThatExceptionOfType(ListenException.class)
        .isThrownBy(() -> loops.listen(new InetSocketAddress("192.0.2.1", 0), new Nothing()))
        .withMessage("no interface of this machine has the address 192.0.2.1");
  }

  @Test
  void hasAsManyLoopsAsAsked() {
    assertThat(loops.all()).hasSize(2).contains(loops.next());
    assertThat(loops.size()).isEqualTo(2);
  }
}
