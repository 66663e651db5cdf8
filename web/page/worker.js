// The trainer's worker: bytes of JSON in, {json, blob} out. Trains in slices, so that commands are taken in between them.
'use strict';

const SLICE = 12; // ms

let module = null;
const waiting = [];
let scheduled = false;
let timer = 0;

// A message to ourselves comes after the commands that are already queued, and is not slowed down as timers are.
const again = new MessageChannel();
again.port1.onmessage = run;

function schedule(wait) {
  clearTimeout(timer);
  if (wait <= 0) {
    if (!scheduled) again.port2.postMessage(null);
    scheduled = true;
  } else if (Number.isFinite(wait)) {
    timer = setTimeout(() => schedule(0), wait);
  }
}

function run() {
  scheduled = false;
  schedule(module._trainer_run(SLICE));
}

function handle(bytes) {
  const at = module._trainer_command(bytes.length);
  module.HEAPU8.set(bytes, at);
  module._trainer_handle();
  schedule(0);
}

async function start({ script, wasm }) {
  importScripts(script);
  module = await createTrainer({
    instantiateWasm(imports, done) {
      WebAssembly.instantiate(wasm, imports).then(
        (instance) => done(instance, wasm),
        (error) => self.postMessage({ failed: String(error) }),
      );
      return {};
    },
    emit(json, blob) {
      self.postMessage({ json, blob }, blob ? [json.buffer, blob] : [json.buffer]);
    },
  });
  for (const bytes of waiting.splice(0)) handle(bytes);
}

self.onmessage = ({ data }) => {
  if (data instanceof Uint8Array) {
    if (module) handle(data);
    else waiting.push(data);
  } else {
    start(data).catch((error) => self.postMessage({ failed: String(error) }));
  }
};
