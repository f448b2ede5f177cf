// The table of the fleet and the list of live streams, both from /api/fleet.
import { age, bits, el, percent, setText } from './dom.js';
import { whatViewersSee } from './seen.js';

const ROLE_ORDER = ['balancer', 'origin', 'edge'];
const GOOD = ['up', 'ready'];
const BAD = ['down', 'lost'];

/** Shows the fleet; `chosenId` is the edge that the player uses. Rows stay the same elements. */
export function showFleet(table, fleet, chosenId) {
  const nodes = [...fleet.nodes].sort(
    (a, b) =>
      ROLE_ORDER.indexOf(a.role) - ROLE_ORDER.indexOf(b.role) ||
      a.region.localeCompare(b.region) ||
      a.id.localeCompare(b.id, 'en', { numeric: true }),
  );
  const body = table.tBodies[0];
  const rows = new Map([...body.rows].map((row) => [row.dataset.id, row]));
  nodes.forEach((node, index) => {
    const row = rows.get(node.id) || newRow(node.id);
    rows.delete(node.id);
    if (body.rows[index] !== row) body.insertBefore(row, body.rows[index] || null);
    fill(row, node, fleet.takenAtMs, node.id === chosenId);
  });
  for (const gone of rows.values()) gone.remove();
}

function newRow(id) {
  const row = el('tr', {}, el('th', { scope: 'row', className: 'mono' }));
  row.dataset.id = id;
  for (const kind of ['', '', 'state', '', 'num', 'num', 'num', 'text']) row.append(el('td', { className: kind }));
  const [, , state, load] = row.querySelectorAll('td');
  state.append(el('span', { className: 'dot' }), el('span'));
  load.append(
    el('div', { className: 'load' },
      el('span', { className: 'track', role: 'img' }, el('span', { className: 'fill' })),
      el('span', { className: 'share' })),
  );
  return row;
}

function fill(row, node, nowMs, chosen) {
  const [role, region, state, load, sessions, egress, heartbeat, takes] = row.querySelectorAll('td');
  row.classList.toggle('chosen', chosen);
  setText(row.querySelector('th'), node.id + (chosen ? ' ◂ your viewer' : ''));
  setText(role, node.role);
  setText(region, node.region || '–');
  setText(state.lastChild, node.state);
  state.firstChild.className = `dot ${GOOD.includes(node.state) ? 'good' : BAD.includes(node.state) ? 'bad' : 'warn'}`;
  const share = Math.max(0, node.load.share);
  const bar = load.querySelector('.fill');
  bar.style.width = `${Math.min(100, share * 100)}%`;
  bar.className = `fill ${share >= 0.95 ? 'bad' : share >= 0.8 ? 'warn' : ''}`;
  load.querySelector('.track').setAttribute('aria-label', `load ${percent(share)}`);
  setText(load.querySelector('.share'), percent(share));
  setText(sessions, String(node.load.sessions));
  setText(egress, bits(node.load.egressBitsPerSecond));
  setText(heartbeat, node.lastHeartbeatMs ? age(nowMs - node.lastHeartbeatMs) : '–');
  const edge = node.role === 'edge';
  setText(takes, !edge ? '–' : node.eligible ? 'yes' : `no: ${node.why || node.state}`);
  takes.className = edge ? (node.eligible ? 'text' : 'text no') : 'text dimmed';
}

/** Live streams and where they are; `play` is called with a name when its button is pressed. */
export function showStreams(list, fleet, play) {
  const where = new Map();
  for (const node of fleet.nodes) {
    for (const stream of node.streams) {
      if (!where.has(stream)) where.set(stream, { origins: [], edges: [] });
      where.get(stream)[node.role === 'origin' ? 'origins' : 'edges'].push(node.id);
    }
  }
  const names = [...where.keys()].sort();
  const key = JSON.stringify([...where].sort());
  if (list.dataset.key === key) return names; // leaves the focus where it is
  list.dataset.key = key;
  list.replaceChildren(
    ...names.map((name) => {
      const { origins, edges } = where.get(name);
      const from = origins.length ? `published at ${origins.join(', ')}` : 'no origin reports it';
      const at = edges.length ? `; on ${edges.join(', ')}` : '; on no edge yet';
      return el('li', {},
        el('span', { className: 'name mono' }, name),
        el('span', { className: 'where' }, from + at),
        el('button', { type: 'button', onclick: () => play(name), ariaLabel: `Play ${name}` }, 'Play'),
        edges.length ? whatViewersSee(name, fleet.nodes.filter((node) => edges.includes(node.id))) : null);
    }),
  );
  if (names.length === 0) list.append(el('li', { className: 'dimmed' }, 'Nothing is being published.'));
  return names;
}
