// Small things for building the page and for writing figures the way people read them.

/** An element with properties and children; text is never parsed as HTML. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (key in node && key !== 'list') node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function bits(perSecond) {
  if (perSecond >= 1e9) return `${(perSecond / 1e9).toFixed(2)} Gbit/s`;
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(1)} Mbit/s`;
  return `${Math.round(perSecond / 1e3)} kbit/s`;
}

export function percent(share) {
  return `${share > 0 && share < 0.1 ? (share * 100).toFixed(1) : Math.round(share * 100)} %`;
}

export function age(ms) {
  if (ms < 0) return 'now';
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s ago`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s ago`;
  return `${Math.round(ms / 60_000)} min ago`;
}

/** GET as JSON. A problem answer (RFC 9457) or no answer becomes an Error with a plain sentence. */
export async function getJson(url, timeoutMs = 5000) {
  let response;
  try {
    response = await fetch(url, {
      headers: { Accept: 'application/json' },
      cache: 'no-store',
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (cause) {
    throw Object.assign(new Error('The balancer does not answer.', { cause }), { status: 0 });
  }
  const body = await response.json().catch(() => null);
  if (!response.ok) {
    const said = body && (body.detail || body.title);
    const error = new Error(said || `The balancer answered with status ${response.status}.`);
    throw Object.assign(error, {
      status: response.status,
      retryAfterS: Number(response.headers.get('Retry-After')) || 0,
    });
  }
  return body;
}
