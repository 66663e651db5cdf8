// The page's end of the trainer's worker, as web/host/worker_host.cpp expects it.
import { Failure, trainerName } from './loading.js';

export function startTrainer(onFailure) {
  const lock = `trainer ${crypto.getRandomValues(new Uint32Array(4)).join('.')}`;
  const leaving = new AbortController(); // a page that waits for a lock cannot be gone back to
  const messages = [];
  const worker = new Worker('worker.js');
  const host = {
    messages,
    onMessage: () => {},
    post: (bytes) => worker.postMessage(bytes, [bytes.buffer]),
    start: (wasm) => worker.postMessage({ script: `${trainerName()}.js`, wasm, lock, later: trainerName().replace('trainer', 'trainer-later') }),
  };
  // The worker holds the lock as long as it lives. A browser that ends it, for want of memory for one, says nothing else.
  const watch = () => navigator.locks.request(lock, { signal: leaving.signal }, () => {
    onFailure(new Failure('Training stopped: the browser has ended its worker.', 'A browser does so when memory is short. Reload to start over.'));
  }).catch(() => {});
  addEventListener('pagehide', () => leaving.abort());
  worker.onmessage = ({ data }) => {
    if (data.failed) {
      onFailure(new Failure('Training could not start: its worker failed.', data.failed));
    } else if (data.holds) {
      watch();
    } else {
      messages.push(data);
      host.onMessage();
    }
  };
  worker.onerror = (event) => {
    event.preventDefault();
    onFailure(new Failure('Training stopped: its worker failed.', event.message || 'worker.js did not load'));
  };
  return host;
}
