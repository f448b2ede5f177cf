// What is to be played, and over what. Pure: no page, no network.

/** Endings of files that a media element plays by itself. */
const NATIVE = /\.(mp4|m4v|webm|m4a|mp3|aac)$/i;

/** "live/demo" -> "/live/demo.flv"; a name with a known ending is taken as it is. */
export function uriOf(what, over = 'http') {
  const path = what.trim().replace(/^\/+/, '');
  const live = path.startsWith('live/') && !/\.(flv|m3u8|ts|mp4)$/.test(path);
  const ending = over === 'hls' || over === 'native' ? '.m3u8' : '.flv';
  return '/' + path.split('/').map(encodeURIComponent).join('/') + (live ? ending : '');
}

/** "/embed/demo" and "/embed/live/demo" -> "live/demo"; "/embed/vod/a.mp4" -> "vod/a.mp4". */
export function embeddedIn(pathname) {
  const name = pathname
    .replace(/^\/embed\/+/, '')
    .split('/')
    .map((part) => decodeURIComponent(part))
    .join('/');
  return /^(live|vod)\//.test(name) ? name : `live/${name}`;
}

/** The stream's key, as servers call it: "live/demo". */
export function keyOf(what) {
  return what.trim().replace(/^\/+/, '').replace(/\.(flv|m3u8|ts|mp4)$/, '');
}

/**
 * How to play: 'http' or 'ws' (FLV by mpegts.js), 'hls' (hls.js), 'native' (HLS by the browser),
 * 'file' (by the browser), or null where this browser can do none of them.
 *
 * @param asked 'ws', 'http' or 'hls'; anything else leaves the choice here
 * @param can {mse, nativeHls}
 */
export function transportFor(what, asked, can) {
  const name = what.trim();
  const live = name.replace(/^\/+/, '').startsWith('live/');
  if (NATIVE.test(name)) return 'file';
  const hls = can.mse ? 'hls' : can.nativeHls ? 'native' : null;
  if (/\.m3u8$/.test(name)) return hls;
  if (!live) return can.mse ? 'http' : null; // an FLV file
  if (asked === 'hls') return hls;
  if (can.mse) return asked === 'ws' ? 'ws' : 'http';
  return hls;
}

/** The seconds in "90", "90s", "1m30s", "1h2m" or "1:30"; null for what is none of them. */
export function secondsOf(text) {
  const t = (text || '').trim();
  if (/^\d+(\.\d+)?s?$/.test(t)) return parseFloat(t);
  if (/^(\d+:)?\d{1,2}:\d{1,2}$/.test(t)) return t.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  const parts = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(t);
  if (!parts || t === '') return null;
  return Number(parts[1] || 0) * 3600 + Number(parts[2] || 0) * 60 + Number(parts[3] || 0);
}

/** 75 -> "1:15", 3675 -> "1:01:15". */
export function clockText(seconds) {
  const all = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
