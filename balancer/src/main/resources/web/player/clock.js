// The server's clock and the dates of a stream, from one timed request to the edge that serves.

/**
 * What to add to our clock for the server's: it told its time at some moment of the request, on
 * average in its middle.
 */
export function offsetOf(sentMs, receivedMs, serverMs) {
  return serverMs - (sentMs + receivedMs) / 2;
}

/**
 * The date at which each picture of an FLV stream was there. The edge tells the date of the
 * stream's time 0 as well as it knows: from the origin's marks, else from when the newest picture
 * reached it, which may have been late; so of several answers the earliest counts.
 */
export class StreamDates {
  constructor() {
    this.offsetMs = null;
    this.zeroMs = null;
    this.beacons = 0;
    this.roundMs = Infinity;
  }

  /** Asks an edge; what cannot be had is left as it is. */
  async ask(base, key, now = () => Date.now()) {
    const url = new URL(`/api/clock?stream=${encodeURIComponent(key)}`, base);
    try {
      const sent = now();
      const answer = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(5000) });
      const received = now();
      if (answer.ok) this.take(sent, received, await answer.json());
    } catch {
      // An older edge, or none: no date is shown.
    }
  }

  take(sentMs, receivedMs, told) {
    if (receivedMs - sentMs < this.roundMs) {
      this.roundMs = receivedMs - sentMs;
      this.offsetMs = offsetOf(sentMs, receivedMs, told.nowMs);
    }
    this.beacons = told.beacons || 0;
    if (typeof told.zeroMs !== 'number') return;
    this.zeroMs = told.exact || this.zeroMs === null ? told.zeroMs : Math.min(this.zeroMs, told.zeroMs);
  }

  /** Another connection: its stream may have another clock. */
  anotherStream() {
    this.zeroMs = null;
  }

  /** The server's time, or null before it told. */
  now(ours = Date.now()) {
    return this.offsetMs === null ? null : ours + this.offsetMs;
  }

  /** The date of a stream time in ms, or null. */
  at(streamMs) {
    return this.zeroMs === null ? null : this.zeroMs + streamMs;
  }
}
