// HLS and LL-HLS by hls.js (its light build), and by browsers that play it themselves.
import { hlsJs } from './script.js';

const JUMP_S = 10;

export class HlsEngine {
  /** As FlvEngine; `how.url` is the list at the balancer, which names the edges itself. */
  constructor(video, choice, how) {
    this.video = video;
    this.choice = choice;
    this.how = how;
    this.name = 'HLS';
    this.beacon = 'hls';
    this.bitsPerSecond = 0;
    this.codecs = '';
    this.servedBy = '';
    this.over = false;
  }

  async start() {
    let Hls;
    try {
      Hls = await hlsJs();
    } catch (error) {
      if (!this.over) this.how.failed(error.message, 0);
      return;
    }
    if (this.over) return;
    if (!Hls.isSupported()) {
      this.how.cannot('This browser cannot play HLS (it lacks Media Source Extensions).');
      return;
    }
    const hls = new Hls({
      lowLatencyMode: true,
      maxLiveSyncPlaybackRate: 1.05,
      backBufferLength: 30,
      capLevelToPlayerSize: true,
      startFragPrefetch: true,
    });
    this.hls = hls;
    hls.on(Hls.Events.ERROR, (event, data) => {
      const status = (data.response && data.response.code) || 0;
      // Every edge would say the same of a stream that is not there: hls.js would ask them all, again and again.
      const absent = status === 404 && !this.servedBy && /level|manifest/i.test(data.details);
      if (!data.fatal && !absent) return;
      const codec = data.type === Hls.ErrorTypes.MEDIA_ERROR || /[Cc]odec|Append/.test(data.details);
      setTimeout(() => !this.over && this.how.failed(codec && !status ? 'This browser cannot decode the stream.' : '', status));
    });
    hls.on(Hls.Events.LEVEL_LOADED, (event, data) => {
      this.name = data.details.partList && data.details.partList.length > 0 ? 'LL-HLS' : 'HLS';
      if (!data.details.live && this.how.live) this.finished = true;
    });
    hls.on(Hls.Events.FRAG_LOADED, (event, data) => {
      const stats = (data.part || data.frag).stats;
      const ms = stats.loading.end - stats.loading.start;
      if (ms > 0 && data.frag.duration) this.bitsPerSecond = hls.levels[data.frag.level]?.bitrate || (stats.total * 8) / data.frag.duration;
      this.#servedFrom((data.part || data.frag).url); // a segment that has only parts yet has no address
    });
    hls.on(Hls.Events.BUFFER_CODECS, (event, data) => {
      const one = (track) => track && (track.levelCodec || track.codec);
      this.codecs = [one(data.video), one(data.audio), one(data.audiovideo)].filter(Boolean).join(', ');
    });
    hls.on(Hls.Events.BUFFER_EOS, () => this.finished && setTimeout(() => !this.over && (this.atEnd = true)));
    this.ended = () => this.how.live && this.how.ended('The live stream has ended.');
    this.video.addEventListener('ended', this.ended);
    hls.loadSource(this.how.url);
    hls.attachMedia(this.video);
    this.how.loading();
  }

  #servedFrom(url) {
    if (!url) return;
    const base = new URL(url, location.href).origin;
    if (base === this.servedBy) return;
    const before = this.servedBy;
    this.servedBy = base;
    this.how.servedBy(base, before !== '');
  }

  dateMs() {
    const date = this.hls && this.hls.playingDate;
    return date ? date.getTime() : null;
  }

  /** hls.js plays a little faster by itself; it never jumps to what is newest. */
  keepUp() {
    const hls = this.hls;
    if (!hls || !hls.liveSyncPosition || this.how.holdsBack()) return;
    if (hls.latency - hls.targetLatency > JUMP_S) this.video.currentTime = hls.liveSyncPosition;
  }

  /** Where "live" is on the seek bar, or null. */
  get livePosition() {
    return (this.hls && this.hls.liveSyncPosition) || null;
  }

  destroy() {
    this.over = true;
    if (this.ended) this.video.removeEventListener('ended', this.ended);
    const hls = this.hls;
    this.hls = null;
    if (hls) hls.destroy();
    this.video.playbackRate = 1;
  }
}

/** What the browser plays by itself: a file, or HLS on an iPhone. */
export class NativeEngine {
  constructor(video, choice, how) {
    this.video = video;
    this.choice = choice;
    this.how = how;
    this.name = how.over === 'native' ? 'HLS by the browser' : 'File';
    this.beacon = how.over === 'native' ? 'hls' : 'file';
    this.bitsPerSecond = 0;
    this.codecs = '';
    this.over = false;
    this.failed = () => {
      if (!this.over && video.error) how.failed(sentenceOfMediaError(video.error), 0);
    };
    this.ended = () => !this.over && how.live && how.ended('The live stream has ended.');
  }

  start() {
    this.video.addEventListener('error', this.failed);
    this.video.addEventListener('ended', this.ended);
    this.video.src = this.how.over === 'native' ? this.how.url : this.choice.url;
    this.how.loading();
  }

  dateMs() {
    if (!this.how.live || !this.video.getStartDate) return null;
    const start = this.video.getStartDate().getTime();
    return Number.isFinite(start) ? start + this.video.currentTime * 1000 : null;
  }

  keepUp() {}

  destroy() {
    this.over = true;
    this.video.removeEventListener('error', this.failed);
    this.video.removeEventListener('ended', this.ended);
    this.video.removeAttribute('src');
    this.video.load();
  }
}

function sentenceOfMediaError(error) {
  if (error.code === error.MEDIA_ERR_SRC_NOT_SUPPORTED) return 'The file is not there, or this browser cannot play it.';
  if (error.code === error.MEDIA_ERR_DECODE) return 'The file cannot be decoded.';
  return 'The connection to the edge broke.';
}
