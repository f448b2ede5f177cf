// The routing decision in words, from /api/route.
import { el, percent, setText } from './dom.js';

/** Shows why the balancer sends a viewer from here to its edges in this order. */
export function showWhy(decision, chosen, parts) {
  const client = decision.client;
  const location = decision.location;
  const first = decision.candidates.find((candidate) => candidate.verdict === 'chosen');
  setText(
    parts.sentence,
    `You are ${client}: region ${location.region}${location.detail ? ` (${location.detail})` : ''}. ` +
      (first ? `The balancer chooses ${first.id} in ${first.region}.` : 'No edge can be chosen.'),
  );
  parts.steps.replaceChildren(...(decision.steps || []).map((step) => el('li', {}, step)));
  parts.scroll.hidden = decision.candidates.length === 0;
  parts.table.tBodies[0].replaceChildren(
    ...decision.candidates.map((candidate) =>
      el('tr', { className: chosen && candidate.id === chosen.id ? 'chosen' : '' },
        el('th', { scope: 'row', className: 'mono' }, candidate.id),
        el('td', {}, candidate.region),
        el('td', {}, looked(candidate) ? percent(candidate.load) : '–'),
        el('td', { className: 'text' }, candidate.why))),
  );
}

/** Farther edges and those that are out are named without being weighed. */
function looked(candidate) {
  return candidate.verdict !== 'farther' && candidate.verdict !== 'not-eligible';
}
