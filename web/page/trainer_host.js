// The page's end of the trainer's worker, as web/host/worker_host.cpp expects it.
import { Failure, trainerName } from './loading.js';

export function startTrainer(onFailure) {
  const messages = [];
  const worker = new Worker('worker.js');
  worker.onmessage = ({ data }) => {
    if (data.failed) {
      onFailure(new Failure('Training could not start: its worker failed.', data.failed));
      return;
    }
    messages.push(data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    onFailure(new Failure('Training stopped: its worker failed.', event.message || 'worker.js did not load'));
  };
  return {
    messages,
    post: (bytes) => worker.postMessage(bytes, [bytes.buffer]),
    start: (wasm) => worker.postMessage({ script: `${trainerName()}.js`, wasm, later: trainerName().replace('trainer', 'trainer-later') }),
  };
}
