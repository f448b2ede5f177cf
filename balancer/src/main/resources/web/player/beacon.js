// Tells the edge that serves what the viewer sees: small, rarely, for the share of viewers that the
// edge asks for. Nobody is named: there is no session id in it, and nothing is kept in the browser.

const EVERY_MS = 30_000;

export class Beacons {
  /** @param report gives what is new, or null */
  constructor(report) {
    this.report = report;
    this.lot = Math.random();
    this.base = null;
    this.share = 0;
    setInterval(() => this.send(), EVERY_MS);
    addEventListener('pagehide', () => this.send());
    document.addEventListener('visibilitychange', () => document.hidden && this.send());
  }

  /** Another edge serves, which wants to hear of so many of its viewers (0 to 1). */
  serve(base, share) {
    this.base = base;
    this.share = share;
  }

  send() {
    if (!this.base || this.lot >= this.share) return;
    const body = this.report();
    // As plain text it needs no question before it (CORS preflight).
    if (body) navigator.sendBeacon(`${this.base}/api/beacon`, new Blob([JSON.stringify(body)], { type: 'text/plain' }));
  }
}
