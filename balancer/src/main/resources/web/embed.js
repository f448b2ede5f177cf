// The player alone: /embed/NAME, with ?over=ws|http|hls, ?t=SECONDS for files, ?muted.
import { Controls } from './player/controls.js';
import { embeddedIn, secondsOf } from './player/names.js';
import { Player } from './player/session.js';

const byId = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);
const what = embeddedIn(location.pathname);
let controls = null;

const player = new Player(byId('video'), {
  state(name, sentence) {
    document.body.dataset.state = name;
    if (controls) controls.onState(name, sentence);
    if (name === 'playing') byId('tap').hidden = true;
    else byId('unmute').hidden = true;
  },
  edge(choice) {
    document.body.dataset.edge = choice ? choice.id : '';
  },
  blocked() {
    byId('tap').hidden = false;
  },
  muted(muted) {
    byId('unmute').hidden = !muted || asked.has('muted') || player.state !== 'playing';
  },
});

controls = new Controls(byId('player'), player, (seconds) => {
  const page = new URL('/', location.href);
  page.searchParams.set('play', what);
  if (asked.get('over')) page.searchParams.set('over', asked.get('over'));
  if (seconds > 0) page.searchParams.set('t', seconds);
  return page.href;
});

document.title = what;
byId('unmute').addEventListener('click', () => player.sound());
byId('tap').addEventListener('click', () => player.sound());
byId('player').focus();
player.play(what, false, asked.get('over') || '', secondsOf(asked.get('t')) || 0);
