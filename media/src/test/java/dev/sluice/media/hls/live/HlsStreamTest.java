package dev.sluice.media.hls.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A name whose publications come and go. */
class HlsStreamTest {
  private static final int ROUNDS = 2_000;
  private static final int SPINS = 1000;

  private final Meters meters = new Meters();
  private final HlsContext context =
      new HlsContext(HlsConfig.defaults(), new PlainMuxer(), null, meters, System::nanoTime);

  @AfterEach
  void close() {
    meters.close();
  }

  private HlsStream stream() {
    return new HlsStream(new StreamKey("live", "demo"), context);
  }

  /** Publications begin and end on the loops of their publishers. */
  @Test
  void aPublicationThatBeginsWhileTheOneBeforeEndsIsLive() throws Exception {
    AtomicReference<HlsStream> stream = new AtomicReference<>(stream());
    AtomicReference<StreamFollower> before = new AtomicReference<>();
    AtomicInteger round = new AtomicInteger();
    AtomicInteger ended = new AtomicInteger();
    CompletableFuture<Void> other =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 1; i <= ROUNDS; i++) {
                reach(round, i);
                stream.get().ended(before.get(), null, true, EndReason.STOPPED);
                ended.set(i);
              }
            });
    int lost = 0;
    for (int i = 1; i <= ROUNDS; i++) {
      HlsStream now = stream();
      before.set(now.follow());
      stream.set(now);
      round.set(i);
      now.follow();
      reach(ended, i);
      lost += now.isLive() && now.standing().phase() == HlsStream.Phase.LIVE ? 0 : 1;
    }
    other.get(90, TimeUnit.SECONDS);
    assertThat(lost).isZero();
  }

  private static void reach(AtomicInteger count, int wanted) {
    for (int i = 1; count.get() < wanted; i++) {
      Thread.onSpinWait();
      if (i % SPINS == 0) {
        Thread.yield();
      }
    }
  }
}
