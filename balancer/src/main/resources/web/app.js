// Wires the page: the player, the reasons, the fleet and the commands. Start here.
import { bits, el, getJson, setText } from './dom.js';
import { showFleet, showStreams } from './fleet.js';
import { Player, uriOf } from './player.js';
import { showWhy } from './why.js';

const FLEET_EVERY_MS = 2000;
const byId = (id) => document.getElementById(id);
const video = byId('video');
let chosen = null;
let fleet = null;

const player = new Player(video, {
  state(name, sentence) {
    const status = byId('status');
    status.dataset.state = name;
    setText(status, sentence);
    if (name === 'playing') byId('tap').hidden = true;
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

function play(what, byHand, over = byId('over').value) {
  byId('what').value = what;
  byId('over').value = over;
  byId('tap').hidden = true;
  const address = new URL(location.href);
  address.searchParams.set('play', what);
  if (over === 'ws') address.searchParams.set('over', over);
  else address.searchParams.delete('over');
  history.replaceState(null, '', address);
  player.play(what, byHand, over);
  showCommands(what);
}

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

function showFacts() {
  const facts = [];
  if (video.videoWidth) facts.push(['Picture', `${video.videoWidth} × ${video.videoHeight}`]);
  const quality = video.getVideoPlaybackQuality();
  if (quality.totalVideoFrames) {
    facts.push(['Frames', `${quality.totalVideoFrames} shown, ${quality.droppedVideoFrames} dropped`]);
  }
  if (player.statistics && player.statistics.speed) {
    facts.push(['Arriving', bits(player.statistics.speed * 8192)]);
  }
  if (video.buffered.length && player.uri) {
    const ahead = video.buffered.end(video.buffered.length - 1) - video.currentTime;
    facts.push(['Buffered', `${Math.max(0, ahead).toFixed(1)} s`]);
  }
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
play(asked.get('play') || 'live/demo', false, asked.get('over') === 'ws' ? 'ws' : 'http');
