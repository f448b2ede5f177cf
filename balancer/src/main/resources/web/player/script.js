// Player libraries, fetched when they are needed and not before: nobody loads both.
const loading = new Map();

function load(file, name) {
  if (window[name]) return Promise.resolve(window[name]);
  if (!loading.has(file)) {
    loading.set(
      file,
      new Promise((done, failed) => {
        const script = document.createElement('script');
        script.src = new URL(`../vendor/${file}`, import.meta.url);
        script.onload = () => done(window[name]);
        script.onerror = () => {
          loading.delete(file);
          script.remove();
          failed(new Error('A part of the player could not be loaded.'));
        };
        document.head.append(script);
      }),
    );
  }
  return loading.get(file);
}

export const mpegtsJs = () => load('mpegts-1.8.2.min.js', 'mpegts');
export const hlsJs = () => load('hls.light-1.7.4.min.js', 'Hls');
