// The panel of figures ("i"): what plays, from where and why, and how well.
import { bits, el, getJson, setText } from '../dom.js';

const EVERY_MS = 500;
const ROOT = new URL('..', import.meta.url);

export class StatsPanel {
  constructor(player, close) {
    this.player = player;
    this.why = '';
    this.list = el('dl', {});
    this.copy = el('button', { type: 'button', onclick: () => this.#copy() }, 'Copy');
    const shut = el('button', { type: 'button', onclick: close, ariaLabel: 'Close the figures' }, 'Close');
    this.panel = el('section', { className: 'panel', hidden: true, ariaLabel: 'Playback figures in detail', tabIndex: -1 },
      this.list, el('p', { className: 'panel-buttons' }, this.copy, shut));
  }

  show(visible) {
    this.panel.hidden = !visible;
    clearInterval(this.timer);
    if (!visible) return;
    this.asked = null;
    this.#refresh();
    this.timer = setInterval(() => this.#refresh(), EVERY_MS);
  }

  #refresh() {
    const { choice } = this.player;
    if (choice && this.asked !== choice.id + this.player.uri) this.#ask(choice);
    const facts = figuresOf(this.player, this.why);
    while (this.list.children.length > facts.length) this.list.lastChild.remove();
    facts.forEach(([name, value], i) => {
      const row = this.list.children[i] || this.list.appendChild(el('div', {}, el('dt'), el('dd')));
      setText(row.firstChild, name);
      setText(row.lastChild, value);
    });
  }

  /** Why this edge, as the balancer says. */
  async #ask(choice) {
    this.asked = choice.id + this.player.uri;
    this.why = '';
    try {
      const told = await getJson(new URL(`api/route?uri=${encodeURIComponent(this.player.uri)}`, ROOT));
      const mine = told.candidates.find((candidate) => candidate.id === choice.id);
      this.why = mine ? whyOf(told, mine) : '';
      this.#refresh();
    } catch {
      this.why = 'the balancer does not say';
    }
  }

  async #copy() {
    const text = [...this.list.children].map((row) => `${row.firstChild.textContent}: ${row.lastChild.textContent}`).join('\n');
    try {
      await navigator.clipboard.writeText(text);
      setText(this.copy, 'Copied');
    } catch {
      getSelection().selectAllChildren(this.list); // no clipboard without HTTPS: select it
      setText(this.copy, 'Selected');
    }
    setTimeout(() => setText(this.copy, 'Copy'), 1500);
  }
}

/** The first edge is in the region that was found to have room; the others say it of themselves. */
function whyOf(told, mine) {
  if (mine.verdict !== 'chosen') return mine.why;
  const region = told.steps.find((step) => step.startsWith(`region ${mine.region}:`));
  return ['the first choice', told.steps[0], region].filter(Boolean).join('; ');
}

/** Name and value of each figure that is known. */
export function figuresOf(player, why) {
  const { video, engine, choice, tally, live } = player;
  const now = performance.now();
  const facts = [['Plays', player.what || 'nothing']];
  if (choice) {
    facts.push(['Edge', `${choice.id}${choice.region ? ` (${choice.region})` : ''}`]);
    if (why) facts.push(['Why', why]);
  }
  if (engine) {
    facts.push(['Protocol', engine.name]);
    if (engine.codecs) facts.push(['Codecs', engine.codecs]);
    if (engine.bitsPerSecond > 0) facts.push(['Bitrate', bits(engine.bitsPerSecond)]);
  }
  if (video.videoWidth) facts.push(['Picture', `${video.videoWidth} × ${video.videoHeight}`]);
  if (live && engine) facts.push(['Latency', player.latencyMs === null ? 'not known' : `${(player.latencyMs / 1000).toFixed(2)} s`]);
  const buffered = video.buffered;
  if (buffered.length > 0 && engine) {
    facts.push(['Buffered', `${Math.max(0, buffered.end(buffered.length - 1) - video.currentTime).toFixed(2)} s`]);
  }
  if (video.playbackRate !== 1) facts.push(['Speed', `${video.playbackRate.toFixed(2)} ×`]);
  const quality = video.getVideoPlaybackQuality ? video.getVideoPlaybackQuality() : null;
  if (quality && quality.totalVideoFrames) {
    facts.push(['Frames', `${quality.totalVideoFrames} shown, ${quality.droppedVideoFrames} dropped`]);
  }
  if (tally.joinMs !== null) facts.push(['First picture after', `${(tally.joinMs / 1000).toFixed(2)} s`]);
  facts.push(['Stalls', `${tally.stalls}, ${(tally.stalledMs(now) / 1000).toFixed(1)} s`]);
  if (tally.moves > 0) facts.push(['Moved to another edge', `${tally.moves} ×`]);
  return facts;
}
