// The trainer's worker: bytes of JSON in, {json, blob} out. Trains in slices, so that commands are taken in between them.
'use strict';

const SLICE = 12; // ms

let module = null;
const waiting = [];
let digits = 'absent'; // or 'coming', or 'here': the images of the experiment `digits`
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

const wantsDigits = (bytes) => new TextDecoder().decode(bytes).includes('"experiment":"digits"');

// Fetched when that experiment is first asked for. Without them it says itself what is missing.
async function fetchDigits() {
  const { body, ok } = await fetch('digits.bin');
  if (!ok) return;
  const bytes = new Uint8Array(await new Response(body.pipeThrough(new DecompressionStream('gzip'))).arrayBuffer());
  const at = module._trainer_command(bytes.length);  // may grow the memory, which replaces HEAPU8
  module.HEAPU8.set(bytes, at);
  if (!module._trainer_provide_digits()) console.error('digits.bin holds no images');
}

// Commands in their order; those that come while the digits do wait for them.
function drain() {
  while (module && digits !== 'coming' && waiting.length > 0) {
    if (digits === 'absent' && wantsDigits(waiting[0])) {
      digits = 'coming';
      fetchDigits().catch(() => {}).then(() => {
        digits = 'here';
        drain();
      });
      return;
    }
    handle(waiting.shift());
  }
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
  drain();
}

self.onmessage = ({ data }) => {
  if (data instanceof Uint8Array) {
    waiting.push(data);
    drain();
  } else {
    start(data).catch((error) => self.postMessage({ failed: String(error) }));
  }
};
