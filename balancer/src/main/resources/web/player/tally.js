// What a viewer has seen, added up for the figures on the page and for beacons. Pure.

const LATENCY_SAMPLES = 60;

export class Tally {
  constructor(now) {
    this.startedAt = now;
    this.joinMs = null;
    this.stalls = 0;
    this.stallMs = 0;
    this.stallSince = null;
    this.moves = 0;
    this.playedMs = 0;
    this.movedAt = null;
    this.dropped = 0;
    this.droppedBase = 0;
    this.latencies = [];
    this.told = { joined: false, stalls: 0, stallMs: 0, moves: 0, playedMs: 0, dropped: 0 };
  }

  /** The first picture moves. */
  joined(now) {
    if (this.joinMs === null) this.joinMs = now - this.startedAt;
  }

  /** The picture moves at a time; call it often. */
  moving(now) {
    if (this.movedAt !== null) this.playedMs += Math.min(2000, now - this.movedAt);
    this.movedAt = now;
    if (this.stallSince !== null) {
      this.stallMs += now - this.stallSince;
      this.stallSince = null;
    }
  }

  /** The picture stood still since a time, after it had moved. */
  stalled(since) {
    this.movedAt = null;
    if (this.stallSince !== null || this.joinMs === null) return;
    this.stalls++;
    this.stallSince = since;
  }

  /** Paused by hand, or over: from now on neither played nor stalled. */
  rests(now) {
    this.stallMs = this.stalledMs(now);
    this.movedAt = null;
    this.stallSince = null;
  }

  moved() {
    this.moves++;
  }

  latency(ms) {
    this.latencies.push(ms);
    if (this.latencies.length > LATENCY_SAMPLES) this.latencies.shift();
  }

  /** The element's own count, which starts anew with each source. */
  droppedNow(count) {
    if (count < this.droppedBase) this.droppedBase = 0;
    this.dropped += count - this.droppedBase;
    this.droppedBase = count;
  }

  /** Milliseconds stood still, one that lasts included. */
  stalledMs(now) {
    return this.stallMs + (this.stallSince === null ? 0 : now - this.stallSince);
  }

  /** What is new since the last time, by CMCD names where there are some; null when nothing is. */
  report(now, cid, over) {
    const stalledMs = this.stalledMs(now);
    const one = { cid, over, bs: this.stalls - this.told.stalls, bsd: Math.round(stalledMs - this.told.stallMs) };
    one.df = this.dropped - this.told.dropped;
    one.moves = this.moves - this.told.moves;
    one.pt = Math.round(this.playedMs - this.told.playedMs);
    if (this.joinMs !== null && !this.told.joined) one.msd = Math.round(this.joinMs);
    if (this.latencies.length > 0) one.ltc = Math.round(median(this.latencies));
    if (!one.bs && !one.bsd && !one.df && !one.moves && !one.pt && one.msd === undefined) return null;
    this.told = {
      joined: this.joinMs !== null, stalls: this.stalls, stallMs: stalledMs, moves: this.moves,
      playedMs: this.playedMs, dropped: this.dropped,
    };
    this.latencies = [];
    return one;
  }
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
