package dev.sluice.lab.hls;

import org.jspecify.annotations.Nullable;

/**
 * One player on one connection, and what is counted of it.
 *
 * <p>Threading: confined to its loop.
 */
abstract class Player implements Line.Asker {
  static final int OK = 200;
  static final double NANOS_PER_MS = 1e6;

  private final HlsLoop loop;
  private final long openedNanos = System.nanoTime();
  private @Nullable Line line;
  private long startedNanos;
  private long windowBytes;
  private long stalls;
  private boolean inWindow;
  private boolean ended;

  Player(HlsLoop loop) {
    this.loop = loop;
  }

  /** Something may be asked for, for the first time. */
  abstract void begin();

  final HlsLoop loop() {
    return loop;
  }

  final boolean playing() {
    return startedNanos != 0 && !ended;
  }

  final boolean onItsWay() {
    return startedNanos == 0 && !ended;
  }

  final boolean ended() {
    return ended;
  }

  final long windowBytes() {
    return windowBytes;
  }

  final long stalls() {
    return stalls;
  }

  /** Counts from here on what it receives, if it plays. */
  void startWindow() {
    inWindow = playing();
    windowBytes = 0;
    stalls = 0;
  }

  final boolean counted() {
    return inWindow;
  }

  /** When media came first; 0 before. */
  final long startedNanos() {
    return startedNanos;
  }

  /** Media has come for the first time. */
  final void started(long nowNanos) {
    startedNanos = nowNanos;
    loop.joined(nowNanos - openedNanos);
  }

  /** It had nothing to show for so long, and plays that much later from then on. */
  final void stalled(long nanos) {
    startedNanos += nanos;
    stalls += inWindow ? 1 : 0;
  }

  final void ask(String target, boolean keepBody) {
    Line to = line;
    if (to != null && !ended) {
      to.ask(target, keepBody);
    }
  }

  @Override
  public final void opened(Line now) {
    line = now;
    begin();
  }

  @Override
  public final void received(int bytes) {
    if (inWindow) {
      windowBytes += bytes;
    }
  }

  @Override
  public final void closed(String reason) {
    end(reason);
  }

  /** It plays no more. */
  final void end(String reason) {
    if (!ended) {
      loop.failed(reason);
      close();
    }
  }

  final void close() {
    ended = true;
    if (line != null) {
      line.close();
    }
  }
}
