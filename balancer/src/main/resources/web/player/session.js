// Asks the balancer where, then plays from the first edge in its list. When an edge fails the next
// in the list is taken; when none is left the balancer is asked again, after a growing pause.
import { getJson } from '../dom.js';
import { Beacons } from './beacon.js';
import { StreamDates } from './clock.js';
import { FlvEngine } from './flv.js';
import { HlsEngine, NativeEngine } from './hls.js';
import { keyOf, transportFor, uriOf } from './names.js';
import { Backoff, StallWatch } from './pace.js';
import { Tally } from './tally.js';

const TICK_MS = 500;
const MAX_SILENT_STARTS = 5;
const DATES_AGAIN_MS = 5000;
const DATES_EVERY_MS = 120_000;
const DVR_S = 45;
const ROOT = new URL('..', import.meta.url);

/** What this browser can do. */
export function abilities(video) {
  return {
    mse: Boolean(window.MediaSource && window.MediaSource.isTypeSupported),
    nativeHls: video.canPlayType('application/vnd.apple.mpegurl') !== '',
  };
}

export class Player {
  /**
   * @param video the media element
   * @param on callbacks: state(name, sentence), edge(choice or null, all choices), blocked(),
   *     muted(boolean)
   */
  constructor(video, on) {
    this.video = video;
    this.on = on;
    this.round = 0; // grows with each play or stop: answers for an older round are dropped
    this.backoff = new Backoff();
    this.watch = new StallWatch(performance.now());
    this.dates = new StreamDates();
    this.tally = new Tally(performance.now());
    this.beacons = new Beacons(() => this.#report());
    this.wantsSound = false;
    this.state = 'idle';
    this.latencyMs = null;
    setInterval(() => this.#tick(), TICK_MS);
    video.addEventListener('timeupdate', () => this.state !== 'playing' && this.#advanced());
    video.addEventListener('volumechange', () => this.on.muted(video.muted));
    video.addEventListener('pause', () => this.tally.rests(performance.now()));
    video.addEventListener('loadedmetadata', () => this.#startThere());
    video.addEventListener('ended', () => {
      if (!this.live && this.uri) this.#say('ended', 'The end.');
    });
  }

  /**
   * Starts to play; `byHand` is true when a person asked, so that sound is allowed.
   *
   * @param asked 'ws', 'http', 'hls', or anything else for what suits best
   * @param startS where in a file to begin
   */
  play(what, byHand, asked = '', startS = 0) {
    this.stop();
    this.what = what.trim();
    this.over = transportFor(this.what, asked, abilities(this.video));
    if (this.over === null) {
      this.#say('failed', 'This browser can play neither FLV (it lacks Media Source Extensions) nor HLS.');
      return;
    }
    this.uri = uriOf(this.what, this.over);
    this.live = this.uri.startsWith('/live/');
    this.startS = this.live ? 0 : startS;
    this.backoff.reset();
    this.silentStarts = 0;
    this.wantsSound = byHand;
    this.tally = new Tally(performance.now());
    this.#ask();
  }

  stop() {
    this.beacons.send();
    this.round++;
    clearTimeout(this.timer);
    this.#release();
    this.uri = null;
    this.choice = null;
    this.on.edge(null, []);
    this.#say('idle', 'Not playing.');
  }

  sound() {
    this.wantsSound = true;
    this.video.muted = false;
    this.video.play().catch(() => this.on.blocked());
  }

  /** Plays or pauses; live goes on at what is newest, as a person expects. */
  toggle() {
    if (!this.uri) return;
    if (!this.video.paused) {
      this.video.pause();
      this.heldBack = this.live && this.seekable() !== null;
      if (this.state === 'playing' || this.state === 'stalled') this.#say('paused', 'Paused.');
    } else {
      this.wantsSound = this.wantsSound || !this.video.muted;
      if (this.live && !this.seekable()) this.toLive();
      this.video.play().catch(() => this.on.blocked());
    }
  }

  /** What may be sought in, as {from, to}; null for live without a past. */
  seekable() {
    const { seekable, duration } = this.video;
    if (!this.uri) return null;
    if (!this.live) return Number.isFinite(duration) && duration > 0 ? { from: 0, to: duration } : null;
    if (!(this.over === 'hls' || this.over === 'native') || seekable.length === 0) return null;
    const [from, to] = [seekable.start(0), seekable.end(seekable.length - 1)];
    return to - from > DVR_S ? { from, to } : null;
  }

  seek(time) {
    const range = this.seekable();
    if (!range) return;
    this.video.currentTime = Math.min(range.to, Math.max(range.from, time));
    this.heldBack = this.behindS() > 0; // who goes back wants to be there, be it for some seconds
    this.watch.restart(performance.now());
  }

  /** To what is newest. */
  toLive() {
    this.heldBack = false;
    const { buffered } = this.video;
    const at = this.engine && this.engine.livePosition;
    if (at) this.video.currentTime = at;
    else if (buffered.length > 0) this.video.currentTime = Math.max(this.video.currentTime, buffered.end(buffered.length - 1) - 1);
    this.watch.restart(performance.now());
  }

  /** Seconds behind what is newest in a live stream with a past; 0 else. */
  behindS() {
    const range = this.live ? this.seekable() : null;
    if (!range) return 0;
    const at = (this.engine && this.engine.livePosition) || range.to;
    return Math.max(0, at - this.video.currentTime);
  }

  async #ask() {
    const round = this.round;
    this.#say('asking', `Asking the balancer who serves ${this.what}…`);
    try {
      const answer = await getJson(new URL(`${this.uri}?format=json`, ROOT));
      if (round !== this.round) return;
      this.choices = (answer.edges || []).map(({ id, region, url, ws }) => ({ id, region, url, ws }));
      if (this.choices.length === 0) throw new Error('No edge can take a viewer now.');
      this.next = 0;
      this.#tryNext();
    } catch (error) {
      if (round === this.round) this.#again(sentenceOf(error), error.retryAfterS);
    }
  }

  #tryNext() {
    this.#serve(this.choices[this.next++]);
    this.#say('asking', `Connecting to ${this.choice.id}…`);
    this.#release();
    this.heldBack = false;
    this.watch.restart(performance.now());
    this.dates.anotherStream();
    const round = this.round;
    const mine = () => round === this.round && this.engine === engine;
    const how = {
      uri: this.uri,
      url: new URL(this.uri, ROOT).href,
      live: this.live,
      over: this.over,
      stalls: () => this.tally.stalls,
      holdsBack: () => this.heldBack || this.behindS() > DVR_S / 3,
      loading: () => mine() && this.#start(),
      failed: (sentence, status) => mine() && this.#failed(sentence, status),
      cannot: (sentence) => mine() && this.#giveUp(sentence),
      ended: (sentence) => mine() && this.#again(sentence),
      soundEnded: () => mine() && this.#soundEnded(),
      servedBy: (base, moved) => mine() && this.#servedBy(base, moved),
    };
    const Engine = this.over === 'hls' ? HlsEngine : this.over === 'http' || this.over === 'ws' ? FlvEngine : NativeEngine;
    const engine = new Engine(this.video, this.choice, how);
    this.engine = engine;
    this.video.muted = !this.wantsSound;
    engine.start();
    if (this.live && this.over !== 'hls') this.#askDates();
  }

  #serve(choice) {
    this.choice = choice;
    this.on.edge(choice, this.choices);
  }

  /** hls.js went to an edge, perhaps by what the balancer steers. */
  #servedBy(base, moved) {
    const known = this.choices.find((choice) => new URL(choice.url, location.href).origin === base);
    if (moved) this.tally.moved();
    this.#serve(known || { id: new URL(base).host, region: '', url: base + this.uri, ws: '' });
    this.#askDates();
    if (this.state === 'playing') this.#sayPlaying();
  }

  /** The dates that this edge knows: at once, soon again, and then rarely. */
  #askDates(pauseMs = DATES_AGAIN_MS) {
    const { round, choice } = this;
    clearTimeout(this.datesTimer);
    this.dates.ask(new URL(choice.url, location.href).origin, keyOf(this.what)).then(() => {
      if (round !== this.round || choice !== this.choice) return;
      this.beacons.serve(new URL(choice.url, location.href).origin, this.dates.beacons);
      this.datesTimer = setTimeout(() => this.#askDates(DATES_EVERY_MS), pauseMs);
    });
  }

  #startThere() {
    if (this.startS > 0 && this.uri) {
      this.video.currentTime = this.startS;
      this.startS = 0;
    }
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
        this.#say('waiting', 'The browser waits for a click before it plays.');
      }
    });
  }

  /** The picture moves. */
  #advanced() {
    if (!this.uri || !this.engine || this.video.paused || this.video.currentTime === 0) return;
    const now = performance.now();
    if (this.tally.joinMs === null) {
      this.tally.joined(now);
      setTimeout(() => this.beacons.send(), 1000);
    }
    this.tally.moving(now);
    if (this.state !== 'playing') this.#sayPlaying();
  }

  #sayPlaying() {
    const { id, region } = this.choice;
    this.#say('playing', `Playing ${this.what} from ${id}${region ? ` (${region})` : ''}.`);
    this.on.muted(this.video.muted);
  }

  /**
   * The browser would wait for the sound. Who connects again is told of the picture alone; an edge
   * that knows the sound as rare tells of both each time, so this is not done for ever.
   */
  #soundEnded() {
    if (this.silentStarts++ >= MAX_SILENT_STARTS) return;
    this.next--; // the same edge
    this.#tryNext();
  }

  #tick() {
    const { video, engine } = this;
    const now = performance.now();
    if (!this.uri || !engine || video.paused || video.ended || this.state === 'failed') {
      this.watch.restart(now);
      this.latencyMs = null;
      return;
    }
    const seen = this.watch.see(now, video.currentTime);
    if (seen === 'moving') {
      this.backoff.played(now);
      this.#advanced();
    } else {
      this.backoff.stopped();
    }
    if (seen === 'stalled') this.#stalled(now);
    if (seen === 'dead') this.#failed(`No picture for ${Math.round(this.watch.stillMs(now) / 1000)} seconds.`, 0);
    if (this.engine !== engine) return;
    engine.keepUp();
    this.tally.droppedNow(video.getVideoPlaybackQuality ? video.getVideoPlaybackQuality().droppedVideoFrames : 0);
    const date = engine.dateMs(this.dates);
    const server = this.dates.now();
    this.latencyMs = this.live && date !== null && server !== null ? server - date : null;
    if (this.latencyMs !== null && seen === 'moving') this.tally.latency(this.latencyMs);
  }

  #stalled(now) {
    this.tally.stalled(this.watch.movedAt);
    const seconds = Math.round(this.watch.stillMs(now) / 1000);
    const what = this.video.currentTime > 0 ? `The picture stands still for ${seconds} s` : `No picture for ${seconds} s`;
    this.#say('stalled', `${what}: nothing comes from ${this.choice.id}.`);
  }

  /** This edge does not do; a file that is nowhere is not asked for again. */
  #failed(said, status) {
    const sentence = said || this.#sentenceOf(status);
    if (status === 404) {
      if (this.live) this.#again(sentence); // it may begin later
      else this.#giveUp(sentence);
    } else if (this.next < this.choices.length && this.over !== 'hls' && this.over !== 'native') {
      if (this.tally.joinMs !== null) this.tally.moved();
      this.#say('waiting', `${this.choice.id}: ${sentence} Trying the next edge.`);
      this.#tryNext();
    } else {
      this.#again(sentence);
    }
  }

  #giveUp(sentence) {
    this.#release();
    this.#say('failed', sentence);
  }

  #again(sentence, retryAfterS = 0) {
    this.tally.rests(performance.now());
    this.#release();
    this.choice = null;
    this.on.edge(null, this.choices || []);
    const pause = this.backoff.next(Math.random(), retryAfterS * 1000);
    this.#say('failed', `${sentence} Asking again in ${Math.max(1, Math.round(pause / 1000))} s.`);
    clearTimeout(this.timer);
    const round = this.round;
    this.timer = setTimeout(() => round === this.round && this.#ask(), pause);
  }

  #release() {
    const engine = this.engine;
    this.engine = null;
    if (engine) engine.destroy();
  }

  #say(state, sentence) {
    this.state = state;
    this.on.state(state, sentence);
  }

  #sentenceOf(status) {
    if (status === 404) {
      return this.live ? `Nobody is publishing ${this.what} now.` : `There is no file ${this.what}.`;
    }
    if (status === 403) return `The edge refused this viewer (403).`;
    if (status === 503) return `The edge is full or draining (503).`;
    if (status > 0) return `The edge answered with status ${status}.`;
    return 'The connection to the edge broke.';
  }

  #report() {
    return this.uri && this.engine ? this.tally.report(performance.now(), keyOf(this.what), this.engine.beacon) : null;
  }
}

function sentenceOf(error) {
  if (error.status === 503) return `No edge can take a viewer now: ${error.message}`;
  return error.message;
}
