// How mpegts.js gets the bytes of a live stream: over HTTP or a WebSocket, with pictures that stay
// repeated on the way.
import { Stills } from './stills.js';

/**
 * A loader class for one player; mpegts.js makes the object.
 *
 * @param onSoundEnded called once when the sound ended and the picture goes on
 * @param onFirst called once, when media came, with what knows its times
 */
export function liveLoader(mpegts, onSoundEnded, onFirst) {
  const { BaseLoader, LoaderStatus, LoaderErrors } = mpegts;

  return class LiveLoader extends BaseLoader {
    constructor() {
      super('sluice-live-loader');
      this.stop = new AbortController();
      this.stills = new Stills();
      this.received = 0;
      this.told = false;
      this.begun = false;
    }

    open(source) {
      this._status = LoaderStatus.kConnecting;
      if (/^wss?:/.test(source.url)) this.#openSocket(source.url);
      else this.#fetch(source.url);
    }

    abort() {
      this.stop.abort();
      if (this.socket) this.socket.close();
      this._status = LoaderStatus.kComplete;
    }

    destroy() {
      this.abort();
      super.destroy();
    }

    async #fetch(url) {
      try {
        const answer = await fetch(url, { signal: this.stop.signal });
        if (!answer.ok) {
          this.#fail(LoaderErrors.HTTP_STATUS_CODE_INVALID, answer.status, answer.statusText);
          return;
        }
        this._status = LoaderStatus.kBuffering;
        const reader = answer.body.getReader();
        for (let part = await reader.read(); !part.done; part = await reader.read()) this.#take(part.value);
        this.#complete();
      } catch (error) {
        this.#fail(LoaderErrors.EXCEPTION, -1, error.message);
      }
    }

    #openSocket(url) {
      this.socket = new WebSocket(url);
      this.socket.binaryType = 'arraybuffer';
      this.socket.onopen = () => (this._status = LoaderStatus.kBuffering);
      this.socket.onmessage = (event) => this.#take(new Uint8Array(event.data));
      this.socket.onerror = () => this.#fail(LoaderErrors.EXCEPTION, -1, 'WebSocket');
      this.socket.onclose = () => this.#complete();
    }

    #take(bytes) {
      if (this.stop.signal.aborted) return;
      const out = this.stills.push(bytes, performance.now());
      if (out.length > 0) {
        const from = this.received;
        this.received += out.length;
        // It takes the buffer, not the view.
        this._onDataArrival(out.slice().buffer, from, this.received);
      }
      if (this.stills.firstMs !== null && !this.begun) {
        this.begun = true;
        onFirst(this.stills);
      }
      if (!this.told && this.stills.soundEnded) {
        this.told = true;
        onSoundEnded();
      }
    }

    #complete() {
      if (this.stop.signal.aborted) return;
      this._status = LoaderStatus.kComplete;
      this._onComplete(0, this.received - 1);
    }

    #fail(kind, code, message) {
      if (this.stop.signal.aborted) return;
      this._status = LoaderStatus.kError;
      this._onError(kind, { code, msg: message });
    }
  };
}
