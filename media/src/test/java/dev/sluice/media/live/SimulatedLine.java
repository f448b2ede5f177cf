package dev.sluice.media.live;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * A viewer behind a line, in virtual time: the stream is made as time passes, {@link Ladder} and
 * {@link LineRate} decide as in the server, and the line carries at the rate it has at that moment.
 * 25 frames/s, keyframes each 2 s, every other frame disposable or none; 43 sounds/s.
 */
final class SimulatedLine {
  /** A tag as the viewer got it. */
  record Arrival(Tag tag, long atMs) {
    long lagMs() {
      return atMs - tag.ms;
    }
  }

  /** A tag of the stream. */
  record Tag(int number, long ms, boolean video, boolean keyframe, boolean disposable, int bytes) {}

  private static final long TICK_MS = 5;
  private static final int SOUND_BYTES = 200;
  static final int GOP_FRAMES = 50;

  private final LongUnaryOperator bytesPerSecond;
  private final boolean disposables;
  private final Ladder ladder = new Ladder(DropPolicy.of(LiveConfig.defaults()), 0);
  private final LineRate rate = new LineRate(62_500);
  private final List<Tag> stream = new ArrayList<>();
  private final List<Tag> handedOver = new ArrayList<>();
  private int newestKeyframe = -1;
  private int frames;
  private int sounds;
  private long sinceClear;
  private long queued; // bytes handed over that the line has not carried
  private double budget;
  private int next;
  private boolean over;

  final List<Arrival> arrived = new ArrayList<>();
  final List<Rung> rungs = new ArrayList<>(List.of(Rung.ALL));
  long nowMs;

  /** A line whose rate depends on the time in milliseconds; the viewer joins at once. */
  SimulatedLine(LongUnaryOperator bytesPerSecond, boolean disposables) {
    this.bytesPerSecond = bytesPerSecond;
    this.disposables = disposables;
    ladder.start(0, 0, 0, true);
  }

  SimulatedLine run(long seconds) {
    long end = nowMs + seconds * 1_000;
    for (; nowMs < end && !over; nowMs += TICK_MS) {
      produce();
      carry();
      pump();
      if (ladder.rung() != rungs.getLast()) {
        rungs.add(ladder.rung());
      }
    }
    return this;
  }

  boolean over() {
    return over;
  }

  List<Arrival> video() {
    return arrived.stream().filter(a -> a.tag.video).toList();
  }

  List<Arrival> sound() {
    return arrived.stream().filter(a -> !a.tag.video).toList();
  }

  long skips() {
    return ladder.skips();
  }

  /** Times that audio only was entered. */
  long falls() {
    return rungs.stream().filter(rung -> rung == Rung.AUDIO_ONLY).count();
  }

  private void produce() {
    while (frames * 40L <= nowMs) {
      boolean keyframe = frames % GOP_FRAMES == 0;
      boolean disposable = disposables && frames % 2 == 1;
      if (keyframe) {
        newestKeyframe = stream.size();
      }
      stream.add(
          new Tag(frames, frames * 40L, true, keyframe, disposable, keyframe ? 15_000 : 1_880));
      frames++;
    }
    while (sounds * 23L <= nowMs) {
      stream.add(new Tag(sounds, sounds * 23L, false, false, false, SOUND_BYTES));
      sounds++;
    }
  }

  private void carry() {
    budget += bytesPerSecond.applyAsLong(nowMs) * TICK_MS / 1_000.0;
    while (!handedOver.isEmpty() && budget >= handedOver.getFirst().bytes) {
      Tag tag = handedOver.removeFirst();
      budget -= tag.bytes;
      queued -= tag.bytes;
      arrived.add(new Arrival(tag, nowMs));
    }
    if (handedOver.isEmpty()) {
      budget = 0; // a line carries nothing in advance
    }
  }

  private boolean clear() {
    return queued <= rate.unsent(nanos());
  }

  private void pump() {
    while (!over && next < stream.size() && clear()) {
      if (rate.busy()) {
        rate.took(sinceClear, nanos());
      }
      sinceClear = 0;
      step();
    }
    if (next >= stream.size()) {
      ladder.caughtUp();
      if (clear()) {
        rate.idle(nanos());
      }
    } else if (!rate.busy()) {
      sinceClear = queued - rate.unsent(nanos());
      rate.blocked(nanos());
    }
  }

  private void step() {
    long lagMs =
        stream.getLast().ms - stream.get(next).ms + rate.delayMs(stream.get(next).bytes, nanos());
    boolean atKeyframe = next == newestKeyframe;
    switch (ladder.decide(nanos(), lagMs, stream.get(next).ms, atKeyframe)) {
      case SEND -> send(true, true);
      case SKIP_DISPOSABLE -> send(true, false);
      case SKIP_VIDEO -> send(false, false);
      case DISCONNECT -> over = true;
    }
  }

  private void send(boolean video, boolean disposable) {
    int piece = 0;
    int most = rate.piece(nanos());
    boolean first = true;
    while (next < stream.size() && (first || piece < most)) {
      if (!first && !video && next == newestKeyframe) {
        return; // to be decided on
      }
      Tag tag = stream.get(next++);
      first = false;
      if (!tag.video || (video && (disposable || !tag.disposable))) {
        handedOver.add(tag);
        queued += tag.bytes;
        sinceClear += tag.bytes;
        piece += tag.bytes;
      }
    }
  }

  private long nanos() {
    return nowMs * 1_000_000;
  }
}
