// The controls on the picture: buttons, seek bar, keyboard, and the panel of figures.
import { el, setText } from '../dom.js';
import { clockText } from './names.js';
import { StatsPanel } from './stats.js';

const EVERY_MS = 250;
const HIDE_AFTER_MS = 2600;
const STEP_S = 5;
const LOUDER = 0.1;
const NEAR_LIVE_S = 3;

const ICONS = {
  play: 'M7 4.5v15l12-7.5z',
  pause: 'M6 4.5h4v15H6zM14 4.5h4v15h-4z',
  loud: 'M4 9v6h4l5 4.5v-15L8 9zM15.5 8.5a5 5 0 0 1 0 7M17.8 5.8a9 9 0 0 1 0 12.4',
  mute: 'M4 9v6h4l5 4.5v-15L8 9zM16 9.5l5 5M21 9.5l-5 5',
  captions: 'M3 5.5h18v13H3zM10.5 10.3a2.2 2.2 0 1 0 0 3.4M17.5 10.3a2.2 2.2 0 1 0 0 3.4',
  pip: 'M3 5h18v14H3zM12.5 12h6.5v5h-6.5z',
  stats: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 11v5.5M12 7.4v.4',
  share: 'M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1',
  full: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5',
  small: 'M9 4v5H4M20 9h-5V4M15 20v-5h5M4 15h5v5',
};

export class Controls {
  /**
   * @param root the element that holds the video and gets the controls
   * @param player the session
   * @param shareUrl gives the address of what is played, for a time in seconds (0 = none)
   */
  constructor(root, player, shareUrl) {
    this.root = root;
    this.player = player;
    this.video = player.video;
    this.shareUrl = shareUrl;
    this.stats = new StatsPanel(player, () => this.#showStats(false));
    this.#build();
    this.#listen();
    setInterval(() => this.#show(), EVERY_MS);
    this.#show();
  }

  #build() {
    const { player, video } = this;
    this.playButton = this.#button('play', 'Play', 'Space', () => player.toggle());
    this.muteButton = this.#button('mute', 'Mute', 'm', () => this.#mute());
    this.volume = el('input', { type: 'range', min: '0', max: '1', step: '0.05', className: 'volume', ariaLabel: 'Volume' });
    this.volume.addEventListener('input', () => this.#volume(Number(this.volume.value)));
    this.live = el('button', { type: 'button', className: 'live', onclick: () => player.toLive() }, 'Live');
    this.time = el('span', { className: 'time' });
    this.captionsButton = this.#button('captions', 'Captions', 'c', () => this.#captions());
    this.pipButton = this.#button('pip', 'Picture in picture', 'p', () => this.#pip());
    this.statsButton = this.#button('stats', 'Figures', 'i', () => this.#showStats(this.stats.panel.hidden));
    this.shareButton = this.#button('share', 'Copy a link', '', () => this.#share());
    this.fullButton = this.#button('full', 'Full screen', 'f', () => this.#full());
    this.seekBar = el('input', { type: 'range', min: '0', max: '1000', step: '1', className: 'seek', ariaLabel: 'Position' });
    this.seekBar.addEventListener('input', () => (this.dragging = true));
    this.seekBar.addEventListener('change', () => {
      this.dragging = false;
      const range = player.seekable();
      if (range) player.seek(range.from + (Number(this.seekBar.value) / 1000) * (range.to - range.from));
    });
    this.spinner = el('div', { className: 'spinner', hidden: true });
    this.said = el('p', { className: 'said', hidden: true });
    this.saidOnce = el('p', { className: 'visually-hidden', role: 'status' });
    this.bar = el('div', { className: 'controls', role: 'group', ariaLabel: 'Player controls' },
      this.seekBar,
      el('div', { className: 'buttons' },
        this.playButton, this.muteButton, this.volume, this.live, this.time, el('span', { className: 'space' }),
        this.captionsButton, this.statsButton, this.shareButton, this.pipButton, this.fullButton));
    this.root.append(this.spinner, this.said, this.saidOnce, this.stats.panel, this.bar);
    this.root.classList.add('player-root');
    video.controls = false;
    this.pipButton.hidden = !(document.pictureInPictureEnabled || video.webkitSupportsPresentationMode);
    this.fullButton.hidden = !(document.fullscreenEnabled || video.webkitEnterFullscreen);
  }

  #button(icon, label, key, act) {
    const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    path.setAttribute('d', ICONS[icon]);
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.setAttribute('viewBox', '0 0 24 24');
    svg.setAttribute('aria-hidden', 'true');
    svg.append(path);
    const button = el('button', { type: 'button', className: `icon ${icon}`, onclick: act });
    if (key) button.setAttribute('aria-keyshortcuts', key);
    button.append(svg);
    named(button, key ? `${label} (${key.toLowerCase()})` : label);
    return button;
  }

  #listen() {
    const { root, video } = this;
    root.addEventListener('keydown', (event) => this.#key(event));
    video.addEventListener('click', () => this.player.toggle());
    video.addEventListener('dblclick', () => this.#full());
    for (const kind of ['pointermove', 'pointerdown', 'focusin', 'keydown']) root.addEventListener(kind, () => this.#awake());
    root.addEventListener('pointerleave', () => (this.awakeUntil = 0));
    document.addEventListener('fullscreenchange', () => this.#show());
    this.#awake();
  }

  #awake() {
    this.awakeUntil = performance.now() + HIDE_AFTER_MS;
    this.root.classList.remove('asleep');
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const onRange = event.target.type === 'range';
    const onButton = event.target.tagName === 'BUTTON';
    const act = {
      ' ': () => !onButton && (this.player.toggle(), true),
      k: () => (this.player.toggle(), true),
      m: () => (this.#mute(), true),
      f: () => (this.#full(), true),
      p: () => (this.#pip(), true),
      c: () => (this.#captions(), true),
      i: () => (this.#showStats(this.stats.panel.hidden), true),
      Escape: () => !this.stats.panel.hidden && (this.#showStats(false), true),
      ArrowLeft: () => !onRange && this.#step(-STEP_S),
      ArrowRight: () => !onRange && this.#step(STEP_S),
      ArrowUp: () => !onRange && (this.#volume(this.video.volume + LOUDER), true),
      ArrowDown: () => !onRange && (this.#volume(this.video.volume - LOUDER), true),
    }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (act && act()) event.preventDefault();
  }

  #step(seconds) {
    if (!this.player.seekable()) return false;
    this.player.seek(this.video.currentTime + seconds);
    return true;
  }

  #mute() {
    if (this.video.muted) this.player.sound();
    else this.video.muted = true;
  }

  #volume(value) {
    this.video.volume = Math.min(1, Math.max(0, value));
    if (this.video.volume > 0 && this.video.muted) this.player.sound();
  }

  #captionTracks() {
    return [...this.video.textTracks].filter((track) => track.kind === 'captions' || track.kind === 'subtitles');
  }

  #captions() {
    const tracks = this.#captionTracks();
    const shown = tracks.findIndex((track) => track.mode === 'showing');
    tracks.forEach((track) => (track.mode = 'disabled'));
    if (shown + 1 < tracks.length) tracks[shown + 1].mode = 'showing'; // each in turn, then none
    this.#show();
  }

  async #pip() {
    try {
      if (document.pictureInPictureElement) await document.exitPictureInPicture();
      else if (this.video.requestPictureInPicture) await this.video.requestPictureInPicture();
      else this.video.webkitSetPresentationMode('picture-in-picture');
    } catch {
      this.#tell('The browser does not show this picture outside the page.');
    }
  }

  async #full() {
    try {
      if (document.fullscreenElement) await document.exitFullscreen();
      else if (this.root.requestFullscreen) await this.root.requestFullscreen();
      else this.video.webkitEnterFullscreen();
    } catch {
      this.#tell('The page around this player does not allow full screen.');
    }
  }

  async #share() {
    const url = this.shareUrl(this.player.live ? 0 : Math.floor(this.video.currentTime));
    try {
      await navigator.clipboard.writeText(url);
      this.#tell('The link is copied.');
    } catch {
      this.#tell(url); // no clipboard without HTTPS, or in a frame: to be copied by hand
    }
  }

  #showStats(visible) {
    this.stats.show(visible);
    this.statsButton.setAttribute('aria-expanded', String(visible));
  }

  /** A word on the picture for some seconds. */
  #tell(text) {
    setText(this.said, text);
    setText(this.saidOnce, text);
    this.said.hidden = false;
    clearTimeout(this.saidTimer);
    this.saidTimer = setTimeout(() => this.#showTrouble(), 4000);
  }

  /** What the session says, on the picture when there is none to see. */
  onState(state, sentence) {
    this.trouble = ['failed', 'stalled', 'waiting'].includes(state) ? sentence : '';
    this.spinner.hidden = !['asking', 'stalled'].includes(state);
    this.root.dataset.state = state;
    this.#showTrouble();
    this.#show();
  }

  #showTrouble() {
    setText(this.said, this.trouble || '');
    this.said.hidden = !this.trouble;
  }

  #show() {
    const { player, video, root } = this;
    const paused = video.paused || !player.uri;
    icon(this.playButton, paused ? 'play' : 'pause', paused ? 'Play (space)' : 'Pause (space)');
    icon(this.muteButton, video.muted || video.volume === 0 ? 'mute' : 'loud', video.muted ? 'Turn the sound on (m)' : 'Mute (m)');
    if (document.activeElement !== this.volume) this.volume.value = video.muted ? 0 : video.volume;
    const full = document.fullscreenElement === root;
    icon(this.fullButton, full ? 'small' : 'full', full ? 'Leave full screen (f)' : 'Full screen (f)');
    const tracks = this.#captionTracks();
    this.captionsButton.hidden = tracks.length === 0;
    this.captionsButton.setAttribute('aria-pressed', String(tracks.some((track) => track.mode === 'showing')));
    this.#showTime();
    const focused = root.contains(document.activeElement) && document.activeElement.matches(':focus-visible');
    const hide = player.state === 'playing' && this.stats.panel.hidden && !focused && performance.now() > this.awakeUntil;
    root.classList.toggle('asleep', hide);
  }

  #showTime() {
    const { player, video } = this;
    const range = player.seekable();
    const behind = player.behindS();
    this.live.hidden = !player.live;
    this.seekBar.hidden = !range;
    this.live.classList.toggle('behind', behind > NEAR_LIVE_S);
    this.live.disabled = !range;
    if (player.live) {
      const late = player.latencyMs;
      const text = behind > NEAR_LIVE_S ? `−${clockText(behind)}` : late === null ? '' : `−${Math.max(0, late / 1000).toFixed(1)} s`;
      setText(this.time, text);
      this.time.title = text ? 'How far the picture is behind what is filmed' : '';
      named(this.live, range ? (behind > NEAR_LIVE_S ? 'Go to live' : 'Live: at what is newest') : 'Live');
    } else {
      setText(this.time, range ? `${clockText(video.currentTime)} / ${clockText(range.to)}` : '');
    }
    if (!range || this.dragging) return;
    const share = (video.currentTime - range.from) / (range.to - range.from);
    this.seekBar.value = String(Math.round(1000 * Math.min(1, Math.max(0, share))));
    const text = player.live ? `${clockText(behind)} behind live` : `${clockText(video.currentTime)} of ${clockText(range.to)}`;
    this.seekBar.setAttribute('aria-valuetext', text);
  }
}

function icon(button, name, label) {
  if (button.dataset.icon !== name) {
    button.dataset.icon = name;
    button.querySelector('path').setAttribute('d', ICONS[name]);
  }
  named(button, label);
}

function named(button, label) {
  if (button.getAttribute('aria-label') === label) return;
  button.setAttribute('aria-label', label);
  button.title = label;
}
