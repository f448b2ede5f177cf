package dev.sluice.media.live.pacing;

import dev.sluice.media.live.LiveConfig;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A viewer behind a line, in virtual time: the stream is made as time passes, {@link
 * DropController} and {@link ThroughputEstimator} and {@link InFlightWindow} decide as in the
 * server, and the line carries at the rate it has at that moment. What it holds unread is hidden
 * from the sender but for its marks. 25 frames/s, keyframes each 2 s, every other frame disposable
 * or none; 43 sounds/s.
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

  /** A mark, and how many bytes the line has to carry before it. */
  private record Mark(int number, long position) {}

  /** An answer on its way back. */
  private record Answer(int number, long atMs) {}

  private static final long TICK_MS = 5;
  private static final int SOUND_BYTES = 200;
  static final int GOP_FRAMES = 50;

  private final LongUnaryOperator bytesPerSecond;
  private final boolean disposables;
  private final int hidden;
  private final long delayMs;
  private final boolean answers;
  private final ArrayDeque<Mark> marks = new ArrayDeque<>();
  private final ArrayDeque<Answer> onTheWay = new ArrayDeque<>();
  private @Nullable InFlightWindow window;
  private long sent;
  private final DropController control = new DropController(LiveConfig.defaults().dropPolicy(), 0);
  private final ThroughputEstimator rate = new ThroughputEstimator(62_500);
  private final List<Tag> stream = new ArrayList<>();
  private final List<Tag> handedOver = new ArrayList<>();
  private int newestKeyframe = -1;
  private int frames;
  private int sounds;
  private long sinceClear;
  private int unsentLimit = rate.unsent(0);
  private long queued; // bytes handed over that the line has not carried
  private double budget;
  private int next;
  private boolean over;

  final List<Arrival> arrived = new ArrayList<>();
  final List<DropLevel> levels = new ArrayList<>(List.of(DropLevel.ALL));
  long nowMs;

  /** A line whose rate depends on the time in milliseconds; the viewer joins at once. */
  SimulatedLine(LongUnaryOperator bytesPerSecond, boolean disposables) {
    this(bytesPerSecond, disposables, 0, 0, false);
  }

  /**
   * The same with more to it.
   *
   * @param hidden bytes that path and viewer hold besides what the kernel has
   * @param delayMs one way
   * @param answers whether the viewer answers marks
   */
  SimulatedLine(
      LongUnaryOperator bytesPerSecond,
      boolean disposables,
      int hidden,
      long delayMs,
      boolean answers) {
    this.bytesPerSecond = bytesPerSecond;
    this.disposables = disposables;
    this.hidden = hidden;
    this.delayMs = delayMs;
    this.answers = answers;
    control.start(0, 0, 0, true);
  }

  SimulatedLine run(long seconds) {
    long end = nowMs + seconds * 1_000;
    for (; nowMs < end && !over; nowMs += TICK_MS) {
      produce();
      carry();
      pump();
      if (control.level() != levels.getLast()) {
        levels.add(control.level());
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
    return control.skips();
  }

  /** Times that audio only was entered. */
  long falls() {
    return levels.stream().filter(level -> level == DropLevel.AUDIO_ONLY).count();
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
      arrived.add(new Arrival(tag, nowMs + delayMs));
    }
    while (!marks.isEmpty() && sent - queued >= marks.getFirst().position) {
      onTheWay.add(new Answer(marks.removeFirst().number, nowMs + 2 * delayMs));
    }
    while (!onTheWay.isEmpty() && onTheWay.getFirst().atMs <= nowMs) {
      Answer answer = onTheWay.removeFirst();
      if (window != null) {
        window.answered(answer.number, nanos());
      }
    }
    if (handedOver.isEmpty()) {
      budget = 0; // a line carries nothing in advance
    }
  }

  private boolean clear() {
    return queued - hidden <= unsentLimit;
  }

  private boolean open() {
    return clear() && (window == null || window.mayHandOver());
  }

  private void pump() {
    while (!over && next < stream.size() && open()) {
      if (rate.busy()) {
        if (window == null || !window.told()) {
          rate.took(sinceClear, nanos());
        }
        sinceClear = 0;
        if (window == null && rate.known(nanos())) {
          window = new InFlightWindow(rate, Integer.MAX_VALUE - 5, nanos());
        }
      }
      int unsent = rate.unsent(nanos());
      sinceClear += Math.max(0, unsentLimit - unsent);
      unsentLimit = unsent;
      step();
    }
    if (next >= stream.size()) {
      control.caughtUp();
      if (clear() && (window == null || window.nearlyEmpty())) {
        rate.idle(nanos());
      }
    } else {
      if (!rate.busy()) {
        sinceClear = Math.max(0, queued - hidden - unsentLimit);
        rate.blocked(nanos());
      }
      mark();
    }
    if (window != null && window.over(nanos())) {
      window = null;
    }
  }

  private void mark() {
    if (answers && window != null && window.wantsMark(nanos())) {
      marks.add(new Mark(window.mark(nanos()), sent));
    }
  }

  private void step() {
    int bytes = stream.get(next).bytes;
    long lagMs =
        stream.getLast().ms
            - stream.get(next).ms
            + (window == null ? 0 : window.delayMs(bytes, 0, nanos()));
    boolean atKeyframe = next == newestKeyframe;
    switch (control.decide(nanos(), lagMs, stream.get(next).ms, atKeyframe)) {
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
        break; // to be decided on
      }
      Tag tag = stream.get(next++);
      first = false;
      if (!tag.video || (video && (disposable || !tag.disposable))) {
        handedOver.add(tag);
        piece += tag.bytes;
      }
    }
    queued += piece;
    sent += piece;
    sinceClear += piece;
    if (window != null) {
      window.handedOver(piece);
      mark();
    }
  }

  private long nanos() {
    return nowMs * 1_000_000;
  }
}
