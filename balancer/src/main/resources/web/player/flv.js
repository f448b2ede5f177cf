// FLV over HTTP or a WebSocket, by mpegts.js.
import { liveLoader } from './loader.js';
import { CatchUp } from './pace.js';
import { mpegtsJs } from './script.js';

const JOIN_SLACK_S = 0.4;

/** One connection to one edge. Nothing is said after destroy(). */
export class FlvEngine {
  /**
   * @param video the media element
   * @param choice of the balancer's list
   * @param how {uri, live, over, stalls(), failed(sentence, status),
   *     cannot(sentence), loading(), ended(sentence), soundEnded()}
   */
  constructor(video, choice, how) {
    this.video = video;
    this.choice = choice;
    this.how = how;
    this.socket = how.over === 'ws' && Boolean(choice.ws);
    this.name = this.socket ? 'FLV over WebSocket' : 'FLV over HTTP';
    this.beacon = this.socket ? 'ws-flv' : how.live ? 'http-flv' : 'file';
    this.bitsPerSecond = 0;
    this.codecs = '';
    this.times = null;
    this.catchUp = new CatchUp();
    this.over = false;
    this.fresh = true;
  }

  async start() {
    let mpegts;
    try {
      mpegts = await mpegtsJs();
    } catch (error) {
      if (!this.over) this.how.failed(error.message, 0);
      return;
    }
    if (this.over) return;
    mpegts.LoggingControl.applyConfig({ enableVerbose: false, enableInfo: false, enableDebug: false });
    if (!mpegts.isSupported()) {
      this.how.cannot('This browser cannot play FLV (it lacks Media Source Extensions).');
      return;
    }
    this.#attach(mpegts);
  }

  #attach(mpegts) {
    const { uri, live } = this.how;
    const url = this.socket ? this.choice.ws : this.choice.url;
    const media = { type: uri.endsWith('.ts') ? 'mpegts' : 'flv', isLive: live, cors: true, url };
    const loader = () => liveLoader(mpegts, () => this.#later(() => this.how.soundEnded()), (times) => (this.times = times));
    const tuning = live
      ? {
          enableStashBuffer: false, lazyLoad: false, autoCleanupSourceBuffer: true,
          ...(media.type === 'flv' && { customLoader: loader() }),
        }
      : { lazyLoadMaxDuration: 60, autoCleanupSourceBuffer: true };
    const flv = mpegts.createPlayer(media, tuning);
    let refused = false; // a WebSocket closes after its error, too
    flv.on(mpegts.Events.ERROR, (type, detail, info) => {
      refused = true;
      this.#later(async () => {
        const status = this.socket ? await refusalAt(this.choice.url) : info && info.code;
        if (this.over) return;
        const codec = /Codec|Format|MSE/.test(detail) && !(status > 0);
        this.how.failed(codec ? 'This browser cannot decode the stream.' : '', Math.max(0, status || 0));
      });
    });
    flv.on(mpegts.Events.LOADING_COMPLETE, () => {
      this.#later(() => {
        if (!live || refused) return;
        this.how.ended(this.socket ? 'The live stream or its connection has ended.' : 'The live stream has ended.');
      });
    });
    flv.on(mpegts.Events.STATISTICS_INFO, (info) => (this.bitsPerSecond = (info.speed || 0) * 8192));
    flv.on(mpegts.Events.MEDIA_INFO, (info) => (this.codecs = [info.videoCodec, info.audioCodec].filter(Boolean).join(', ')));
    flv.attachMediaElement(this.video);
    this.flv = flv;
    flv.load();
    this.how.loading();
  }

  /** Not in mpegts' own call stack: it must not be destroyed while it reports. */
  #later(what) {
    setTimeout(() => !this.over && what());
  }

  /** The date of the picture shown, or null. */
  dateMs(dates) {
    if (!this.times || this.times.firstMs === null) return null;
    return dates.at(this.times.firstMs + this.video.currentTime * 1000);
  }

  /** Keeps near the newest picture; called several times a second while it plays. */
  keepUp() {
    const { video, how } = this;
    if (!how.live || video.buffered.length === 0 || video.paused) return;
    const ahead = video.buffered.end(video.buffered.length - 1) - video.currentTime;
    const target = CatchUp.target(how.stalls());
    if (this.fresh) {
      // Who joins gets the whole GOP at once: its beginning was never on the screen.
      this.fresh = false;
      if (ahead > target + JOIN_SLACK_S) video.currentTime += ahead - target;
      return;
    }
    const { rate, jump } = this.catchUp.see(ahead, how.stalls());
    if (jump > 0) video.currentTime += jump;
    if (video.playbackRate !== rate) video.playbackRate = rate;
  }

  destroy() {
    this.over = true;
    this.video.playbackRate = 1;
    const flv = this.flv;
    this.flv = null;
    if (flv) flv.destroy();
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
