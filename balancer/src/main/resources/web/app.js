// Wires the page: the player, the reasons, the fleet and the commands. Start here.
import { bits, el, getJson, setText } from './dom.js';
import { showFleet, showStreams } from './fleet.js';
import { Controls } from './player/controls.js';
import { secondsOf, uriOf } from './player/names.js';
import { Player } from './player/session.js';
import { figuresOf } from './player/stats.js';
import { showWhy } from './why.js';

const FLEET_EVERY_MS = 2000;
const byId = (id) => document.getElementById(id);
const video = byId('video');
let chosen = null;
let fleet = null;
let controls = null;

const player = new Player(video, {
  state(name, sentence) {
    const status = byId('status');
    status.dataset.state = name;
    setText(status, sentence);
    if (controls) controls.onState(name, sentence);
    if (name === 'playing') byId('tap').hidden = true;
    else byId('unmute').hidden = true;
  },
  edge(choice) {
    chosen = choice;
    byId('status').dataset.edge = choice ? choice.id : '';
    if (fleet) showFleet(byId('fleet-table'), fleet, choice && choice.id);
    if (choice) explain();
  },
  blocked() {
    byId('tap').hidden = false;
  },
  muted(muted) {
    byId('unmute').hidden = !muted || byId('status').dataset.state !== 'playing';
  },
});

function play(what, byHand, over = byId('over').value, startS = 0) {
  byId('what').value = what;
  byId('over').value = over;
  byId('tap').hidden = true;
  history.replaceState(null, '', addressOf(what, over, startS));
  player.play(what, byHand, over, startS);
  showCommands(what);
}

/** This page with a stream or a file in it, from a time on. */
function addressOf(what, over, startS) {
  const address = new URL(location.href);
  address.searchParams.set('play', what);
  if (over) address.searchParams.set('over', over);
  else address.searchParams.delete('over');
  if (startS > 0) address.searchParams.set('t', startS);
  else address.searchParams.delete('t');
  return address.href;
}

controls = new Controls(byId('player'), player, (seconds) => addressOf(player.what || byId('what').value, byId('over').value, seconds));

/* --- Why this edge --- */

async function explain() {
  const uri = player.uri;
  const url = `api/route?uri=${encodeURIComponent(uri)}`;
  byId('why-raw').href = url;
  try {
    const decision = await getJson(url);
    if (uri === player.uri) {
      showWhy(decision, chosen, { sentence: byId('why-sentence'), steps: byId('why-steps'), scroll: byId('why-scroll'), table: byId('why-table') });
    }
  } catch (error) {
    setText(byId('why-sentence'), `The reasons cannot be shown: ${error.message}`);
  }
}

/* --- The fleet --- */

async function refreshFleet() {
  try {
    fleet = await getJson('api/fleet', 4000);
    setText(byId('fleet-note'), '');
    showFleet(byId('fleet-table'), fleet, chosen && chosen.id);
    const names = showStreams(byId('streams'), fleet, (name) => play(name, true));
    showKnown([...names, 'vod/demo.flv']);
    showSummary();
  } catch (error) {
    setText(byId('fleet-note'), `${error.message} The table shows what was known before.`);
  } finally {
    setTimeout(refreshFleet, document.hidden ? 5 * FLEET_EVERY_MS : FLEET_EVERY_MS);
  }
}

function showKnown(names) {
  const list = byId('streams-known');
  if (list.dataset.names === names.join()) return;
  list.dataset.names = names.join();
  list.replaceChildren(...names.map((value) => el('option', { value })));
}

function showSummary() {
  const edges = fleet.nodes.filter((node) => node.role === 'edge');
  const able = edges.filter((node) => node.eligible).length;
  const viewers = edges.reduce((sum, node) => sum + node.load.sessions, 0);
  const egress = edges.reduce((sum, node) => sum + node.load.egressBitsPerSecond, 0);
  setText(
    byId('summary'),
    `${able} of ${edges.length} edges take viewers · ${viewers} ${viewers === 1 ? 'session' : 'sessions'} · ${bits(egress)}`,
  );
}

/* --- Figures under the picture --- */

const BELOW = ['Picture', 'Latency', 'Frames', 'Bitrate', 'Buffered', 'Stalls'];

function showFacts() {
  const facts = player.uri ? figuresOf(player, '').filter(([name]) => BELOW.includes(name)) : [];
  const list = byId('facts');
  list.replaceChildren(...facts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))));
}

/* --- Commands for other players --- */

function showCommands(what) {
  const uri = uriOf(what);
  const url = location.origin + uri;
  const origin = fleet && fleet.nodes.find((node) => node.role === 'origin' && node.rtmpUrl);
  const rtmp = origin ? origin.rtmpUrl : 'rtmp://ORIGIN';
  const commands = [
    ['ffplay', `ffplay -fflags nobuffer '${url}'`],
    ['In a page', `<iframe src="${location.origin}/embed/${what}" width="640" height="360" allow="autoplay; fullscreen; picture-in-picture"></iframe>`],
    ['VLC', `vlc --network-caching=300 '${url}'`],
    ...(uri.startsWith('/live/') ? [['Its WebSockets, for players in a page', `curl -s '${url}?format=json'`]] : []),
    ['Where would I be sent?', `curl -sI '${url}'`],
    ['Publish with ffmpeg', `ffmpeg -re -i FILE -c:v libx264 -g 50 -c:a aac -f flv '${rtmp}/live/NAME?key=STREAMKEY'`],
    ['Publish with OBS', `server ${rtmp}/live   stream key NAME?key=STREAMKEY`],
  ];
  byId('commands').replaceChildren(
    ...commands.flatMap(([name, text]) => [
      el('dt', {}, name),
      el('dd', {}, el('code', { tabIndex: 0 }, text), copyButton(name, text)),
    ]),
  );
}

function copyButton(name, text) {
  const button = el('button', { type: 'button', ariaLabel: `Copy the ${name} line` }, 'Copy');
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setText(button, 'Copied');
    } catch {
      getSelection().selectAllChildren(button.previousSibling); // no clipboard without HTTPS: select it
      setText(button, 'Selected');
    }
    setTimeout(() => setText(button, 'Copy'), 1500);
  };
  return button;
}

/* --- Start --- */

byId('form').addEventListener('submit', (event) => {
  event.preventDefault();
  play(byId('what').value.trim(), true);
});
byId('over').addEventListener('change', () => player.uri && play(player.what, true));
byId('stop').addEventListener('click', () => player.stop());
byId('unmute').addEventListener('click', () => player.sound());
byId('tap').addEventListener('click', () => player.sound());
byId('theme').addEventListener('click', () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
  localStorage.setItem('theme', root.dataset.theme);
});
if (localStorage.getItem('theme')) document.documentElement.dataset.theme = localStorage.getItem('theme');

setInterval(showFacts, 500);
refreshFleet().then(() => showCommands(player.what || byId('what').value));
const asked = new URLSearchParams(location.search);
const over = ['ws', 'http', 'hls'].includes(asked.get('over')) ? asked.get('over') : '';
play(asked.get('play') || 'live/demo', false, over, secondsOf(asked.get('t')) || 0);
