// The trainer's worker: bytes of JSON in, {json, blob} out. Trains in slices, so that commands are taken in between them.
// The trainer is two modules, and the second comes when one of its experiments is first opened: `current` is the module that
// holds the open experiment.
'use strict';

const SLICE = 12; // ms

let current = null;
let other = { name: '', module: null };
let opened = false; // whether an experiment is open
let missing = null; // the command to open one whose module did not come
const lasting = new Map(); // commands that hold for a module that starts later, too, by their type
const thumbnails = []; // commands that wait for the other module without being worth its download
let digits = null; // a promise of the images of the experiment `digits`
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
  schedule(current._trainer_run(SLICE));
}

function put(module, bytes) {
  const at = module._trainer_command(bytes.length); // may grow the memory, which replaces HEAPU8
  module.HEAPU8.set(bytes, at);
  return module;
}

const encode = (value) => new TextEncoder().encode(value);
const handle = (module, bytes) => put(module, bytes)._trainer_handle();
const makes = (module, experiment) => put(module, encode(experiment))._trainer_makes();

function emit(json, blob) {
  self.postMessage({ json, blob }, blob ? [json.buffer, blob] : [json.buffer]);
}

function instantiate(script, wasm) {
  importScripts(script);
  return new Promise((resolve, reject) => {
    const instantiateWasm = (imports, done) => {
      WebAssembly.instantiate(wasm, imports).then((instance) => done(instance, wasm), reject);
      return {};
    };
    createTrainer({ instantiateWasm, emit }).then(resolve, reject);
  });
}

// Whatever type the server gives it.
async function compile(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return WebAssembly.compileStreaming(new Response(response.body, { headers: { 'Content-Type': 'application/wasm' } }));
}

async function turnTo(experiment) {
  if (makes(current, experiment)) return;
  if (!other.module) {
    other.module = await instantiate(`${other.name}.js`, await compile(`${other.name}.wasm`));
    for (const bytes of [...lasting.values(), ...thumbnails.splice(0)]) handle(other.module, bytes);
  }
  if (!makes(other.module, experiment)) return; // an unknown name: the module says so
  if (opened) handle(current, encode('{"type":"pause"}'));
  [current, other.module] = [other.module, current];
}

// Fetched when that experiment is first asked for. Without them it says itself what is missing.
async function fetchDigits() {
  const { body, ok } = await fetch('digits.bin');
  if (!ok) return;
  const bytes = new Uint8Array(await new Response(body.pipeThrough(new DecompressionStream('gzip'))).arrayBuffer());
  const name = encode('digits'), named = new Uint8Array(name.length + bytes.length);
  named.set(name);
  named.set(bytes, name.length);
  if (!put(current, named)._trainer_provide(name.length)) console.error('digits.bin holds no images');
}

const tell = (event) => emit(encode(JSON.stringify(event)), null);

// False: its module does not come. Whoever waits under `id` is told; the experiment stays to be opened.
async function open(bytes, id) {
  const { experiment, run } = JSON.parse(new TextDecoder().decode(bytes));
  try {
    await turnTo(experiment);
  } catch (error) {
    const message = `'${experiment}' could not be loaded: ${error.message}. Play tries again`;
    missing = bytes;
    tell({ type: 'error', id, message });
    tell({ type: 'state', experiment, run, running: false, problem: message });
    return false;
  }
  missing = null;
  opened = true;
  if (experiment === 'digits') await (digits ??= fetchDigits().catch(() => {}));
  return true;
}

async function take(bytes) {
  const { type, experiment, id } = JSON.parse(new TextDecoder().decode(bytes));
  if (type === 'open') {
    if (!(await open(bytes, id))) return;
  } else if (missing && !['speed', 'suspend', 'preview', 'want_frame', 'pause'].includes(type)) {
    const first = missing;
    if (!(await open(first, id))) return;
    handle(current, first);
  }
  if (type === 'speed' || type === 'suspend') {
    lasting.set(type, bytes);
    if (other.module) handle(other.module, bytes);
  }
  if (type === 'preview' && experiment && !makes(current, experiment)) {
    if (other.module) handle(other.module, bytes);
    else thumbnails.push(bytes);
    return;
  }
  handle(current, bytes);
  schedule(0);
}

async function start({ script, wasm, lock, later }) {
  if (lock) {
    navigator.locks?.request(lock, () => {
      self.postMessage({ holds: true });
      return new Promise(() => {});
    }).catch(() => {}); // an origin that may not
  }
  current = await instantiate(script, wasm);
  other.name = later;
}

let last = Promise.resolve(); // messages are taken in their order, also when one has to wait

let failed = false; // the first reason is the one to tell

self.onmessage = ({ data }) => {
  last = last
    .then(() => failed || (data instanceof Uint8Array ? take(data) : start(data)))
    .catch((error) => {
      failed = true;
      self.postMessage({ failed: String(error) });
    });
};
