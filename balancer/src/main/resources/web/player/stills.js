// A browser plays no further than all tracks reach, and mpegts.js holds a picture back until the next
// one says how long it stays. So a picture that stays (a cover, slides, a camera that was switched
// off) is repeated here, behind the line: it costs no byte on it.
//
// Bytes of an FLV stream go in, whole tags come out:
//
//   FLV header 9, size 4 | type 1, length 3, time 3, time's top byte 1, track 3 | payload | size 4

const HEADER_BYTES = 13;
const TAG_HEADER_BYTES = 11;
const TAIL_BYTES = 4;
const AUDIO = 8;
const VIDEO = 9;

const GAP_MS = 500; // without a picture, at two a second or fewer
const DENSE_GAP_MS = 2000; // the same where pictures came in a row
const SPARSE_FROM_MS = 1000;
const REPEAT_MS = 250;
const REPEAT_MS_PER_PICTURE = 20;
const MAX_PICTURES = 100;
const MAX_BYTES = 8 << 20;
const SILENT_MS = 4000; // the edge takes a track for gone after three seconds

export class Stills {
  constructor() {
    this.rest = new Uint8Array(0);
    this.begun = false;
    this.gop = null; // the newest keyframe and what followed it: shown at once they end in its last picture
    this.gopBytes = 0;
    this.keyframeMs = 0;
    this.pictureMs = -1; // time of the newest picture that went out
    this.repeatedMs = -1;
    this.last = { [AUDIO]: null, [VIDEO]: null }; // when each track came: by its clock and by ours
    this.first = { [AUDIO]: Infinity, [VIDEO]: Infinity }; // the first time of each track
  }

  /** Takes what came at a time of ours, returns what the player gets. */
  push(bytes, now) {
    const all = joined([this.rest, bytes]);
    const out = [];
    let at = 0;
    if (!this.begun && all.length >= HEADER_BYTES) {
      this.begun = true;
      out.push(all.subarray(0, HEADER_BYTES));
      at = HEADER_BYTES;
    }
    while (this.begun && all.length - at >= TAG_HEADER_BYTES) {
      const end = at + TAG_HEADER_BYTES + payloadBytes(all, at) + TAIL_BYTES;
      if (end > all.length) break;
      this.#tag(all.slice(at, end), now, out);
      at = end;
    }
    this.rest = all.slice(at);
    return joined(out);
  }

  /** Whether the sound ended a while ago and the picture goes on: the browser waits for it in vain. */
  get soundEnded() {
    const { [AUDIO]: sound, [VIDEO]: picture } = this.last;
    return Boolean(sound && picture) && picture.ms - sound.ms > SILENT_MS && picture.at - sound.at > SILENT_MS;
  }

  /** The stream's time that the player takes for its 0; null before any media. */
  get firstMs() {
    const first = Math.min(this.first[AUDIO], this.first[VIDEO]);
    return first === Infinity ? null : first;
  }

  #tag(tag, now, out) {
    const type = tag[0] & 31;
    if (this.first[type] === Infinity && isMedia(tag, type)) this.first[type] = timeOf(tag);
    if (type === VIDEO) this.#picture(tag, now);
    else if (type === AUDIO) this.#sound(tag, now, out);
    out.push(tag);
  }

  #picture(tag, now) {
    const kind = kindOf(tag);
    if (kind === 'other') {
      this.gop = null;
      return;
    }
    // A repeated one may have been put before it: times must grow.
    if (this.repeatedMs >= 0 && timeOf(tag) <= this.pictureMs) setTime(tag, this.pictureMs + 1);
    this.pictureMs = timeOf(tag);
    this.last[VIDEO] = { ms: this.pictureMs, at: now };
    if (kind === 'key') {
      this.gop = [];
      this.gopBytes = 0;
      this.keyframeMs = this.pictureMs;
    }
    if (!this.gop) return;
    this.gop.push(tag);
    this.gopBytes += tag.length;
    if (this.gop.length > MAX_PICTURES || this.gopBytes > MAX_BYTES) this.gop = null;
  }

  #sound(tag, now, out) {
    const ms = timeOf(tag);
    this.last[AUDIO] = { ms, at: now };
    if (!this.gop || !this.#stays(ms)) return;
    const first = ms - this.gop.length;
    this.gop.forEach((picture, i) => {
      const again = picture.slice();
      setTime(again, first + i);
      out.push(again);
    });
    this.pictureMs = ms - 1;
    this.repeatedMs = ms;
  }

  /** Whether nothing but the last picture is to be seen at a time, and it was not repeated just now. */
  #stays(ms) {
    const count = this.gop.length;
    const sparse = ms - this.keyframeMs >= Math.max(SPARSE_FROM_MS, count * GAP_MS);
    const since = ms - this.pictureMs;
    if (this.repeatedMs > this.last[VIDEO].ms) return since >= Math.max(REPEAT_MS, count * REPEAT_MS_PER_PICTURE);
    return since >= (sparse ? GAP_MS : DENSE_GAP_MS);
  }
}

/** Of a video tag: 'key', 'inter', or 'other' for headers, commands and what cannot be repeated. */
function kindOf(tag) {
  const first = tag[TAG_HEADER_BYTES];
  const enhanced = (first & 0x80) !== 0;
  const frame = (first >> 4) & 7;
  const packet = enhanced ? first & 15 : tag[TAG_HEADER_BYTES + 1];
  const coded = enhanced ? packet === 1 || packet === 3 : packet === 1;
  if (!coded || frame > 3) return 'other';
  return frame === 1 ? 'key' : 'inter';
}

/** Whether a tag has sound or a picture, not what a decoder needs before them. */
function isMedia(tag, type) {
  if (type === VIDEO) return kindOf(tag) !== 'other';
  const first = tag[TAG_HEADER_BYTES];
  if (first >> 4 === 9) return (first & 15) === 1; // enhanced: coded frames
  return first >> 4 !== 10 || tag[TAG_HEADER_BYTES + 1] === 1; // AAC has a header of its own
}

function payloadBytes(bytes, at) {
  return (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}

function timeOf(tag) {
  return ((tag[7] << 24) | (tag[4] << 16) | (tag[5] << 8) | tag[6]) >>> 0;
}

function setTime(tag, ms) {
  tag[4] = (ms >> 16) & 255;
  tag[5] = (ms >> 8) & 255;
  tag[6] = ms & 255;
  tag[7] = (ms >>> 24) & 255;
}

function joined(parts) {
  if (parts.length === 1) return parts[0];
  const all = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
