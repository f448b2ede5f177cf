package dev.sluice.edge.live;

import dev.sluice.media.stream.EndReason;
import io.netty.channel.EventLoop;

/**
 * How long one stream is kept: without an upstream that gives it (the hold time), and without a
 * viewer that wants it (the linger time). Ends the stream when one of them is over.
 *
 * <p>Threading: confined to the event loop of its stream.
 */
final class RelayTimeouts {
  private final RelayedStream stream;
  private final LiveRelay relay;
  private final RelayConfig config;
  private final RelayPulls pulls;
  private final LoopTimer holdEnd;
  private final LoopTimer lingerEnd;
  private boolean overtime;

  /** Waits for nothing yet. */
  RelayTimeouts(RelayedStream stream, LiveRelay relay, RelayPulls pulls, EventLoop loop) {
    this.stream = stream;
    this.relay = relay;
    this.config = relay.config();
    this.pulls = pulls;
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
      stream.end(EndReason.UPSTREAM_LOST);
    }
  }

  /** Nobody may want the stream: begins the linger time, at the end of which viewers count. */
  void linger() {
    lingerEnd.set(config.linger().toNanos());
  }

  private void endUnlessWanted() {
    if (relay.hub().demand(stream.key()) == 0) {
      stream.end(EndReason.STOPPED);
    }
  }

  /** Waits for nothing any more. */
  void cancel() {
    holdEnd.cancel();
    lingerEnd.cancel();
  }
}
