// What the viewers of a live stream see, by edge: asked of the edges while it is looked at.
import { el, getJson } from './dom.js';

const EVERY_MS = 10_000;
const HOUR_MS = 3_600_000;
const HEADS = ['Edge', 'Viewers', 'First picture', 'Latency', 'Stalls per hour', 'Standing still', 'Frames dropped', 'Came from another edge'];
const open = new Set();

/** A part of the page that opens; `edges` are nodes of the fleet that have the stream. */
export function whatViewersSee(stream, edges) {
  const body = el('div', { className: 'scroll' }, el('p', { className: 'dimmed' }, 'Asking the edges…'));
  const details = el('details', { className: 'seen', open: open.has(stream) }, el('summary', {}, 'What viewers see'), body);
  let shown = false;
  const show = async () => {
    if (shown || !details.open) return;
    shown = true;
    while (details.open && details.isConnected) {
      if (!document.hidden) body.replaceChildren(...table(await Promise.all(edges.map((edge) => ask(edge, stream)))));
      await new Promise((done) => setTimeout(done, EVERY_MS));
    }
    shown = false;
  };
  details.addEventListener('toggle', () => {
    if (details.open) open.add(stream);
    else open.delete(stream);
    show();
  });
  return details;
}

async function ask(edge, stream) {
  const base = location.protocol === 'https:' ? edge.httpsUrl : edge.httpUrl || edge.httpsUrl;
  if (!base) return { id: edge.id, why: 'has no address for this page' };
  try {
    const [answer] = await getJson(`${base}/api/streams?stream=${encodeURIComponent(stream)}`, 4000);
    return answer ? { id: edge.id, ...answer } : { id: edge.id, why: 'has it no more' };
  } catch {
    return { id: edge.id, why: 'does not answer this page' };
  }
}

function table(answers) {
  const rows = answers.map((answer) =>
    el('tr', {}, el('th', { scope: 'row', className: 'mono' }, answer.id), ...cells(answer)));
  const told = answers.reduce((sum, answer) => sum + (answer.seen ? answer.seen.beacons : 0), 0);
  return [
    el('table', {},
      el('thead', {}, el('tr', {}, ...HEADS.map((head) => el('th', { scope: 'col' }, head)))),
      el('tbody', {}, ...rows)),
    el('p', { className: 'dimmed' },
      told === 0
        ? 'No player has told yet what it sees: ours do each 30 s; others never do.'
        : `From ${told} reports of players since the stream came to these edges.`),
  ];
}

function cells(answer) {
  if (answer.why) return [el('td', { colSpan: HEADS.length - 1, className: 'no' }, answer.why)];
  const viewers = Object.values(answer.viewers || {}).reduce((sum, count) => sum + count, 0);
  return [String(viewers), ...figures(answer.seen)].map((text) => el('td', { className: 'num' }, text));
}

/** The figures of one edge as people read them; "–" where nobody told. */
export function figures(seen) {
  if (!seen) return ['–', '–', '–', '–', '–', '–'];
  const ms = (value) => (value < 0 ? '–' : `${(value / 1000).toFixed(2)} s`);
  const hours = seen.playedMs / HOUR_MS;
  const whole = seen.playedMs + seen.stalledMs;
  return [
    ms(seen.joinMs),
    ms(seen.latencyMs),
    hours > 0 ? (seen.stalls / hours).toFixed(1) : '–',
    whole > 0 ? `${((seen.stalledMs / whole) * 100).toFixed(2)} %` : '–',
    String(seen.droppedFrames),
    String(seen.moves),
  ];
}
