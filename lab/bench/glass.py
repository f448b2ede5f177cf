"""The two ends of the glass-to-glass measurement; see glass.sh.

  glass.py source SECONDS        frames with a burnt-in clock on standard output (gray, 640x360, 30/s)
  glass.py harness EMBED OUT     serves the page that watches the player, and waits for its report
"""

import http.server
import json
import math
import sys
import threading
import time

WIDTH, HEIGHT, FPS = 640, 360, 30
BITS, CELL = 40, 16  # 32 bits of the clock in ms and 8 that check it, one cell each
LEFT, TOP = 0, 160


def check(value):
    """Eight bits that tell a torn or blended reading from a true one."""
    return (value ^ value >> 8 ^ value >> 16 ^ value >> 24 ^ 0xA5) & 0xFF


def source(seconds):
    """A frame each 1/30 s by the wall clock; the time in it is the moment it was made."""
    noise = bytearray(WIDTH * HEIGHT)
    state = 1
    for at in range(0, len(noise), 8):  # coarse, so that it costs the encoder about 500 kbit/s
        state = state * 1103515245 + 12345 & 0x7FFFFFFF
        noise[at : at + 8] = bytes([64 + (state >> 16 & 127)]) * 8
    out = sys.stdout.buffer
    start = time.monotonic()
    for number in range(int(seconds * FPS)):
        due = start + number / FPS
        time.sleep(max(0, due - time.monotonic()))
        shift = number * 8 % WIDTH
        frame = noise[shift:] + noise[:shift]
        now = int(time.time() * 1000) & 0xFFFFFFFF
        word = now << 8 | check(now)
        row = bytearray(WIDTH)
        for bit in range(BITS):
            value = 235 if word >> BITS - 1 - bit & 1 else 16
            row[LEFT + bit * CELL : LEFT + (bit + 1) * CELL] = bytes([value]) * CELL
        for line in range(TOP, TOP + CELL * 2):
            frame[line * WIDTH : (line + 1) * WIDTH] = row
        out.write(frame)
        out.flush()


PAGE = """<!doctype html><title>glass to glass</title>
<iframe id="player" width="960" height="600" allow="autoplay"></iframe>
<script>
const EMBED = %(embed)s, OVER = %(over)s, JOINS = %(joins)d, WATCH_MS = %(watch)d, WARM_MS = %(warm)d;
const frame = document.getElementById('player');
const canvas = document.createElement('canvas');
canvas.width = %(width)d; canvas.height = %(height)d;
const pen = canvas.getContext('2d', { willReadFrequently: true });
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

function clockOf(video) {
  pen.drawImage(video, 0, 0, canvas.width, canvas.height);
  const row = pen.getImageData(0, %(middle)d, canvas.width, 1).data;
  let time = 0, sum = 0;
  for (let bit = 0; bit < 40; bit++) {
    const one = row[4 * (bit * %(cell)d + %(cell)d / 2)] > 125 ? 1 : 0;
    if (bit < 32) time = time * 2 + one; else sum = sum * 2 + one;
  }
  const want = (time ^ time >>> 8 ^ time >>> 16 ^ time >>> 24 ^ 0xa5) & 0xff;
  return sum === want ? time : null;
}

function open(over) {
  const started = performance.now();
  return new Promise((done, fail) => {
    const limit = setTimeout(() => fail(new Error('no picture within 30 s over ' + over)), 30000);
    frame.onload = () => {
      const video = frame.contentDocument && frame.contentDocument.getElementById('video');
      if (!video) return fail(new Error('the player cannot be framed or looked into'));
      video.requestVideoFrameCallback(() => {
        clearTimeout(limit);
        done({ video, ms: performance.now() - started });
      });
    };
    frame.src = EMBED + '?muted&over=' + over;
  });
}

async function watch(video) {
  const seen = [], lost = { unread: 0 };
  let last = performance.now(), stalls = 0;
  const until = performance.now() + WATCH_MS;
  await new Promise((done) => {
    const each = () => {
      const now = performance.now();
      if (now - last > 500) stalls++;
      last = now;
      const burnt = clockOf(video);
      if (burnt === null) lost.unread++;
      else seen.push(((Date.now() %% 2 ** 32) - burnt + 2 ** 32) %% 2 ** 32);
      if (now < until) video.requestVideoFrameCallback(each);
      else done();
    };
    video.requestVideoFrameCallback(each);
    setTimeout(done, WATCH_MS + 10000);
  });
  return { latencyMs: seen, unread: lost.unread, gapsOver500Ms: stalls };
}

(async () => {
  const report = {};
  try {
    for (const over of OVER) {
      const joins = [];
      let video = null;
      for (let n = 0; n < JOINS; n++) {
        const joined = await open(over);
        joins.push(joined.ms);
        video = joined.video;
        await sleep(500 + 97 * n %% 1900); // anywhere in the GOP
      }
      await sleep(WARM_MS);
      report[over] = { joinMs: joins, ...(await watch(video)) };
    }
  } catch (error) {
    report.error = String(error);
  }
  await fetch('/report', { method: 'POST', body: JSON.stringify(report) });
})();
</script>
"""


def harness(embed, out, over, joins, watch, warm):
    """Serves the page on a free port, says so, and returns when the report has come."""
    page = PAGE % {
        "embed": json.dumps(embed),
        "over": json.dumps(over.split(",")),
        "joins": joins,
        "watch": watch * 1000,
        "warm": warm * 1000,
        "width": WIDTH,
        "height": HEIGHT,
        "middle": TOP + CELL,
        "cell": CELL,
    }
    come = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def do_POST(self):
            with open(out, "wb") as file:
                file.write(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()
            come.set()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"harness http://127.0.0.1:{server.server_port}/", flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    come.wait()


def at(values, share):
    """The smallest value that this share of them does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def table(file):
    with open(file, encoding="utf-8") as text:
        report = json.load(text)
    print("| over | latency p50 | p95 | max | first join | join p50 | p95 | frames read | unread | gaps > 0.5 s |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for over, seen in report.items():
        if over == "error":
            continue
        ms, joins = seen["latencyMs"], seen["joinMs"]
        if not ms:
            print(f"| {over} | nothing could be read ({seen['unread']} frames) |")
            continue
        print(
            f"| {over} | {at(ms, 0.5) / 1000:.2f} s | {at(ms, 0.95) / 1000:.2f} s | {max(ms) / 1000:.2f} s"
            f" | {joins[0] / 1000:.2f} s | {at(joins, 0.5) / 1000:.2f} s | {at(joins, 0.95) / 1000:.2f} s"
            f" | {len(ms)} | {seen['unread']} | {seen['gapsOver500Ms']} |"
        )
    if "error" in report:
        sys.exit("glass: " + report["error"])


if __name__ == "__main__":
    if sys.argv[1] == "source":
        try:
            source(float(sys.argv[2]))
        except BrokenPipeError:
            pass
    elif sys.argv[1] == "harness":
        harness(sys.argv[2], sys.argv[3], sys.argv[4], *map(int, sys.argv[5:8]))
    else:
        table(sys.argv[2])
