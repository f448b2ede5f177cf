// Asks the balancer where, then plays from the first edge in its list. When an edge fails the next
// in the list is taken; when none is left the balancer is asked again, after a growing pause.
import { getJson } from './dom.js';
import { liveLoader } from './loader.js';

const STALL_MS = 8000;
const PAUSES_MS = [1000, 2000, 4000, 8000, 15000];
const MAX_SILENT_STARTS = 5;

/** "live/demo" -> "/live/demo.flv"; a name with a known ending is taken as it is. */
export function uriOf(what) {
  const path = what.trim().replace(/^\/+/, '');
  const live = path.startsWith('live/') && !/\.(flv|m3u8|ts|mp4)$/.test(path);
  return '/' + path.split('/').map(encodeURIComponent).join('/') + (live ? '.flv' : '');
}

export class Player {
  /**
   * @param video the media element
   * @param on callbacks: state(name, sentence), edge(choice or null, all choices), blocked(), muted(boolean)
   */
  constructor(video, on) {
    this.video = video;
    this.on = on;
    this.round = 0; // grows with each play or stop: answers for an older round are dropped
    this.failures = 0;
    this.wantsSound = false;
    if (window.mpegts) window.mpegts.LoggingControl.applyConfig({ enableVerbose: false, enableInfo: false, enableDebug: false });
    setInterval(() => this.#watch(), 1000);
    video.addEventListener('playing', () => this.#advancing());
    video.addEventListener('volumechange', () => this.on.muted(video.muted));
    video.addEventListener('error', () => {
      if (!this.flv && this.uri && video.error) this.#edgeFailed(sentenceOfMediaError(video.error));
    });
    video.addEventListener('ended', () => {
      if (!this.live) this.on.state('idle', 'The end.');
    });
  }

  /**
   * Starts to play; `byHand` is true when a person asked, so that sound is allowed. `over` is 'http'
   * or 'ws': the list names each edge's WebSocket, as browsers follow no redirect to one.
   */
  play(what, byHand, over = 'http') {
    this.stop();
    this.what = what;
    this.over = over;
    this.uri = uriOf(what);
    this.live = this.uri.startsWith('/live/');
    this.failures = 0;
    this.silentStarts = 0;
    this.wantsSound = byHand;
    this.#ask();
  }

  stop() {
    this.round++;
    clearTimeout(this.timer);
    this.#release();
    this.uri = null;
    this.on.edge(null, []);
    this.on.state('idle', 'Not playing.');
  }

  sound() {
    this.wantsSound = true;
    this.video.muted = false;
    this.video.play().catch(() => this.on.blocked());
  }

  async #ask() {
    const round = this.round;
    this.on.state('asking', `Asking the balancer who serves ${this.what}…`);
    try {
      const answer = await getJson(`${this.uri}?format=json`);
      if (round !== this.round) return;
      this.choices = choicesOf(answer);
      if (this.choices.length === 0) throw new Error('No edge can take a viewer now.');
      this.next = 0;
      this.#tryNext();
    } catch (error) {
      if (round === this.round) this.#again(sentenceOf(error), error.retryAfterS);
    }
  }

  #tryNext() {
    const choice = this.choices[this.next++];
    this.on.edge(choice, this.choices);
    this.on.state('asking', `Connecting to ${choice.id}…`);
    this.#release();
    this.lastAdvance = performance.now();
    this.lastTime = -1;
    if (/\.(mp4|m3u8|webm)$/.test(this.uri)) this.video.src = choice.url;
    else this.#attachFlv(choice);
    this.video.muted = !this.wantsSound;
    this.#start();
  }

  #attachFlv(choice) {
    if (!window.mpegts || !window.mpegts.isSupported()) {
      this.on.state('failed', 'This browser cannot play FLV (it lacks Media Source Extensions).');
      return;
    }
    const webSocket = this.over === 'ws' && choice.ws;
    const url = webSocket ? choice.ws : choice.url;
    const media = { type: this.uri.endsWith('.ts') ? 'mpegts' : 'flv', isLive: this.live, cors: true, url };
    const tuning = this.live
      ? {
          enableStashBuffer: false, lazyLoad: false, autoCleanupSourceBuffer: true,
          liveSync: true, liveSyncMaxLatency: 1.6, liveSyncTargetLatency: 0.9, liveSyncPlaybackRate: 1.08,
          liveBufferLatencyChasing: true, liveBufferLatencyMaxLatency: 6, liveBufferLatencyMinRemain: 1,
          ...(media.type === 'flv' && { customLoader: liveLoader(window.mpegts, () => this.#soundEnded()) }),
        }
      : { lazyLoadMaxDuration: 60, autoCleanupSourceBuffer: true };
    const flv = window.mpegts.createPlayer(media, tuning);
    const round = this.round;
    let refused = false; // a WebSocket closes after its error, too
    flv.on(window.mpegts.Events.ERROR, (type, detail, info) => {
      refused = true;
      // Not in mpegts' own call stack: it must not be destroyed while it reports.
      setTimeout(async () => {
        const status = webSocket ? await refusalAt(choice.url) : info && info.code;
        if (round !== this.round || this.flv !== flv) return;
        const sentence = this.#sentenceOfPlayerError(detail, status);
        if (status === 404) this.#notThere(sentence);
        else this.#edgeFailed(sentence);
      });
    });
    flv.on(window.mpegts.Events.LOADING_COMPLETE, () => {
      setTimeout(() => {
        if (round !== this.round || this.flv !== flv || !this.live || refused) return;
        this.#again(webSocket ? 'The live stream or its connection has ended.' : 'The live stream has ended.');
      });
    });
    flv.on(window.mpegts.Events.STATISTICS_INFO, (info) => (this.statistics = info));
    flv.attachMediaElement(this.video);
    this.flv = flv;
    flv.load();
  }

  #start() {
    const round = this.round;
    this.video.play().catch((refusal) => {
      if (round !== this.round || refusal.name !== 'NotAllowedError') return;
      if (!this.video.muted) {
        this.video.muted = true; // a page may play without sound before it was touched
        this.wantsSound = false;
        this.#start();
      } else {
        this.on.blocked();
        this.on.state('waiting', 'The browser waits for a click before it plays.');
      }
    });
  }

  #advancing() {
    if (!this.uri) return;
    this.failures = 0;
    const choice = this.choices[this.next - 1];
    this.on.state('playing', `Playing ${this.what} from ${choice.id}${choice.region ? ` (${choice.region})` : ''}.`);
    this.on.muted(this.video.muted);
  }

  /**
   * The browser would wait for the sound. Who connects again is told of the picture alone; an edge
   * that knows the sound as rare tells of both each time, so this is not done for ever.
   */
  #soundEnded() {
    if (this.silentStarts++ >= MAX_SILENT_STARTS) return;
    const round = this.round;
    const flv = this.flv;
    setTimeout(() => {
      if (round !== this.round || this.flv !== flv) return;
      this.next--; // the same edge
      this.#tryNext();
    });
  }

  /** A player that waits for ever on a dead line is taken to the next edge. */
  #watch() {
    if (!this.uri || !this.choices || this.video.paused || this.video.ended || !(this.flv || this.video.src)) return;
    if (this.video.currentTime !== this.lastTime) {
      this.lastTime = this.video.currentTime;
      this.lastAdvance = performance.now();
    } else if (performance.now() - this.lastAdvance > STALL_MS) {
      this.lastAdvance = performance.now();
      this.#edgeFailed(`No picture for ${STALL_MS / 1000} seconds.`);
    }
  }

  #edgeFailed(sentence) {
    if (this.next < this.choices.length) {
      this.on.state('waiting', `${this.choices[this.next - 1].id}: ${sentence} Trying the next edge.`);
      this.#tryNext();
    } else {
      this.#again(sentence);
    }
  }

  /** Every edge would say the same. A live stream may begin later; a file is asked for once. */
  #notThere(sentence) {
    if (this.live) {
      this.#again(sentence);
    } else {
      this.#release();
      this.on.state('failed', sentence);
    }
  }

  #again(sentence, retryAfterS = 0) {
    this.#release();
    this.on.edge(null, this.choices || []);
    const pause = Math.max(retryAfterS * 1000, PAUSES_MS[Math.min(this.failures++, PAUSES_MS.length - 1)]);
    this.on.state('failed', `${sentence} Asking again in ${Math.round(pause / 1000)} s.`);
    clearTimeout(this.timer);
    const round = this.round;
    this.timer = setTimeout(() => round === this.round && this.#ask(), pause);
  }

  #release() {
    this.statistics = null;
    const flv = this.flv;
    this.flv = null;
    if (flv) flv.destroy();
    else if (this.video.hasAttribute('src')) {
      this.video.removeAttribute('src');
      this.video.load();
    }
  }

  #sentenceOfPlayerError(detail, status) {
    if (status === 404) {
      return this.live ? `Nobody is publishing ${this.what} now.` : `There is no file ${this.what}.`;
    }
    if (status === 403) return `The edge refused this viewer (403).`;
    if (status === 503) return `The edge is full or draining (503).`;
    if (status > 0) return `The edge answered with status ${status}.`;
    if (/Codec|Format|MSE/.test(detail)) return 'This browser cannot decode the stream.';
    return 'The connection to the edge broke.';
  }
}

/** Why an edge refused a WebSocket, which a browser does not tell: what it says over HTTP, or 0. */
async function refusalAt(url) {
  try {
    const answer = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(8000) });
    return answer.ok ? 0 : answer.status;
  } catch {
    return 0;
  }
}

/** The balancer's ranked list, best edge first. */
function choicesOf(answer) {
  return (answer.edges || []).map((edge) => ({ id: edge.id, region: edge.region, url: edge.url, ws: edge.ws }));
}

function sentenceOf(error) {
  if (error.status === 503) return `No edge can take a viewer now: ${error.message}`;
  return error.message;
}

function sentenceOfMediaError(error) {
  return error.code === 4 ? 'There is no such file, or this browser cannot play it.' : 'The file cannot be played.';
}
