// When to ask again, how fast to play, and whether the picture stands still. Pure: times and chance
// are given.

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
const STEADY_MS = 10_000;

/**
 * Pauses between attempts: each up to twice as long as the one before, to 30 s, and between half of
 * it and all of it by chance, so that many viewers do not come back at once. What played for ten
 * seconds counts as well again; a picture that dies at once does not.
 */
export class Backoff {
  constructor() {
    this.failures = 0;
    this.playingSince = null;
  }

  /** The next pause in ms; `atLeastMs` is what the server asked for. */
  next(chance, atLeastMs = 0) {
    this.playingSince = null;
    const whole = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.failures++, 10));
    return Math.max(atLeastMs, whole / 2 + (chance * whole) / 2);
  }

  /** The picture moves at a time. */
  played(now) {
    if (this.playingSince === null) this.playingSince = now;
    else if (now - this.playingSince > STEADY_MS) this.failures = 0;
  }

  /** The picture does not move. */
  stopped() {
    this.playingSince = null;
  }

  /** Somebody asked anew. */
  reset() {
    this.failures = 0;
    this.playingSince = null;
  }
}

const RATE = 1.05;
const LOW_S = 0.9;
const SLACK_S = 0.7;
const PER_STALL_S = 0.5;
const MOST_S = 3;
const JUMP_S = 10;

/**
 * Keeps a live picture near the newest: plays at most 5 % faster while more is buffered than needed,
 * and jumps only when that would take minutes. Each stall of this viewer raises what is kept.
 */
export class CatchUp {
  constructor() {
    this.fast = false;
  }

  /** What to keep buffered, in seconds. */
  static target(stalls) {
    return Math.min(MOST_S, LOW_S + PER_STALL_S * stalls);
  }

  /**
   * What to do with so many seconds ahead of the playhead.
   *
   * @return {rate, jump}: seconds to skip, 0 mostly
   */
  see(aheadS, stalls) {
    const target = CatchUp.target(stalls);
    if (aheadS > JUMP_S + target) {
      this.fast = false;
      return { rate: 1, jump: aheadS - target };
    }
    if (aheadS > target + SLACK_S) this.fast = true;
    else if (aheadS <= target) this.fast = false;
    return { rate: this.fast ? RATE : 1, jump: 0 };
  }
}

const STALL_AFTER_MS = 2000;
const DEAD_AFTER_MS = 8000;
const ASLEEP_MS = 4000;

/**
 * Tells from the playhead whether the picture stands still. Ticks that come late (a tab in the
 * background, a machine that slept) prove nothing.
 */
export class StallWatch {
  constructor(now) {
    this.restart(now);
  }

  restart(now) {
    this.time = -1;
    this.movedAt = now;
    this.seenAt = now;
    this.stalled = false;
  }

  /** 'moving', 'waiting' (not long yet), 'stalled' (to be said), or 'dead' (go elsewhere). */
  see(now, time) {
    if (now - this.seenAt > ASLEEP_MS) this.movedAt += now - this.seenAt;
    this.seenAt = now;
    if (time !== this.time) {
      this.time = time;
      this.movedAt = now;
      this.stalled = false;
      return 'moving';
    }
    const still = now - this.movedAt;
    if (still > DEAD_AFTER_MS) return 'dead';
    this.stalled = still > STALL_AFTER_MS;
    return this.stalled ? 'stalled' : 'waiting';
  }

  stillMs(now) {
    return now - this.movedAt;
  }
}
