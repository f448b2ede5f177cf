package dev.sluice.lab.hls;

/**
 * A player that asks as a recorded one did, at the same times, of a server that has what it got as
 * files. Plays that it began with the playlist that was next.
 *
 * <p>Threading: confined to its loop.
 */
final class ReplayPlayer extends Player {
  private final ReplayClock clock;
  private long number;

  ReplayPlayer(HlsLoop loop, ReplayClock clock) {
    super(loop);
    this.clock = clock;
  }

  @Override
  void begin() {
    number = clock.begin();
    clock.await(number, this::askNow);
  }

  private void askNow() {
    ask(loop().replayed(clock.entry(number).path()), false);
  }

  @Override
  public void answered(Line.Reply reply) {
    loop().answered(reply.status());
    Schedule.Entry entry = clock.entry(number);
    if (reply.status() != OK || reply.bytes() != entry.bytes()) {
      end(
          "%s: status %d, %d bytes (expected: %d, %d)"
              .formatted(entry.path(), reply.status(), reply.bytes(), OK, entry.bytes()));
      return;
    }
    if (!entry.list()) {
      loaded();
    }
    number++;
    clock.await(number, this::askNow);
  }

  private void loaded() {
    double lateMs = clock.lateMs(number);
    if (startedNanos() == 0) {
      started(System.nanoTime());
    } else if (lateMs > clock.holdBackMs()) {
      stalled(0);
    }
    if (counted()) {
      loop().came((long) lateMs);
    }
  }
}
