package dev.sluice.edge.live;

import dev.sluice.media.live.LiveHub;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import io.netty.channel.EventLoop;
import java.util.function.Consumer;

/**
 * How long one stream is kept: without an upstream that gives it (the hold time), and without a
 * viewer that wants it (the linger time). Ends the stream when one of them is over.
 *
 * <p>Threading: confined to the event loop of its stream.
 */
final class RelayTimeouts {
  private final StreamKey key;
  private final LiveHub hub;
  private final RelayConfig config;
  private final RelayPulls pulls;
  private final Consumer<EndReason> onOver;
  private final LoopTimer holdEnd;
  private final LoopTimer lingerEnd;
  private boolean overtime;

  /**
   * Waits for nothing yet.
   *
   * @param onOver told which of the two is over
   */
  RelayTimeouts(
      StreamKey key,
      RelayContext relay,
      RelayPulls pulls,
      EventLoop loop,
      Consumer<EndReason> onOver) {
    this.key = key;
    this.hub = relay.hub();
    this.config = relay.config();
    this.pulls = pulls;
    this.onOver = onOver;
    this.holdEnd = new LoopTimer(loop, this::endUnlessAnswered);
    this.lingerEnd = new LoopTimer(loop, this::endUnlessWanted);
  }

  /** Nobody gives the stream: begins the hold time. */
  void hold() {
    overtime = false;
    holdEnd.set(config.hold().toNanos());
  }

  /** Somebody gives the stream. */
  void holdNoMore() {
    holdEnd.cancel();
  }

  /** One that has answered so far may finish its answer: a lossy line takes long for it. */
  private void endUnlessAnswered() {
    if (!overtime && pulls.isAnswering()) {
      overtime = true;
      holdEnd.set(config.answerTimeout().toNanos());
    } else {
      onOver.accept(EndReason.UPSTREAM_LOST);
    }
  }

  /** Nobody may want the stream: begins the linger time, at the end of which viewers count. */
  void linger() {
    lingerEnd.set(config.linger().toNanos());
  }

  private void endUnlessWanted() {
    if (hub.demand(key) == 0) {
      onOver.accept(EndReason.STOPPED);
    }
  }

  /** Waits for nothing any more. */
  void cancel() {
    holdEnd.cancel();
    lingerEnd.cancel();
  }
}
