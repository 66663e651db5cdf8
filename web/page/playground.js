// window.playground: what scripts, tests and embedders may rely on. Everything the session does goes through the
// module's `playground_call(name) -> json`; its events come as JSON through Module.onEvent.

const EVENTS = ['metrics', 'state', 'diverged', 'error', 'done', 'note', 'data'];
// What ends a call that waits for an answer under its own id.
const ANSWERS = ['done', 'saved', 'accepted', 'error'];

function toBase64(bytes) {
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

function fromBase64(text) {
  const standard = text.replaceAll('-', '+').replaceAll('_', '/');
  return Uint8Array.from(atob(standard), (character) => character.charCodeAt(0));
}

// JSON would leave out undefined, refuse big integers, and make null of NaN: what was given is to be named in the note.
function spoken(value) {
  return typeof value === 'boolean' || typeof value === 'string' || Number.isFinite(value) ? value : String(value);
}

export function makePlayground() {
  let module = null;
  let nextId = 1;
  const pending = new Map(); // id -> {resolve, reject}
  let failure = null; // why nothing is answered any more
  const listeners = new Map(EVENTS.map((name) => [name, new Set()]));
  let becomeReady;
  let becomeFailed;
  const ready = new Promise((resolve, reject) => {
    becomeReady = resolve;
    becomeFailed = reject;
  });
  ready.catch(() => {}); // the shell shows why; nobody has to wait for it

  function call(name, values = {}) {
    if (!module) throw new Error('the playground is not ready: await playground.ready first');
    const bytes = new TextEncoder().encode(JSON.stringify(values));
    const at = module._playground_arguments(bytes.length); // may grow the memory, which replaces HEAPU8
    module.HEAPU8.set(bytes, at);
    const result = JSON.parse(module.ccall('playground_call', 'string', ['string'], [name]));
    // A message: a metric may be called `error` as well, and is a number.
    if (typeof result?.error === 'string') throw new Error(result.error);
    return result;
  }

  // A call whose answer is an event with the same id.
  function ask(name, values = {}) {
    const id = nextId++;
    return new Promise((resolve, reject) => {
      if (failure) return reject(failure);
      pending.set(id, { resolve, reject });
      try {
        call(name, { ...values, id });
      } catch (error) {
        pending.delete(id);
        reject(error);
      }
    });
  }

  function on(name, listener) {
    const set = listeners.get(name);
    if (!set) throw new Error(`unknown event '${name}'; there are: ${EVENTS.join(', ')}`);
    set.add(listener);
    return () => set.delete(listener);
  }

  function receive(text) {
    const event = JSON.parse(text);
    const waiter = pending.get(event.id);
    if (waiter && ANSWERS.includes(event.type)) {
      pending.delete(event.id);
      if (event.type === 'error') waiter.reject(new Error(event.message));
      else waiter.resolve(event);
    }
    if (event.type === 'ready') becomeReady(window.playground);
    for (const listener of listeners.get(event.type) ?? []) {
      try {
        listener(event);
      } catch (error) {
        console.error(error);
      }
    }
  }

  const playground = {
    ready,
    get version() {
      return call('version');
    },
    experiments: () => call('experiments'),
    get: () => call('get'),
    set: (values) => call('set', Object.fromEntries(Object.entries(values).map(([name, value]) => [name, spoken(value)]))),
    play: () => void call('play'),
    pause: () => void call('pause'),
    step: (n = 1) => ask('step', { n }),
    reset: ({ keepSeed = true } = {}) => void call('reset', { keepSeed }),
    rewind: () => void call('rewind'),
    undo: () => void call('undo'),
    metrics: () => call('metrics'),
    frame: () => call('frame'),
    on,
    link: () => new URL(call('link'), location.href).href,
    async exportImage() {
      module._playground_draw();
      const blob = await new Promise((resolve) => module.canvas.toBlob(resolve, 'image/png'));
      if (!blob) throw new Error('the picture could not be read');
      return blob;
    },
    exportModel: async () => fromBase64((await ask('save')).bytes),
    exportData: () => call('data').csv,
    load: (bytes) => ask('load', { bytes: toBase64(new Uint8Array(bytes)) }).then(() => {}),
    setData: (csv) => ask('setData', { csv: String(csv) }).then(() => {}),
    // In the page's CSS pixels: the canvas keeps off a notch.
    widgets() {
      const { left, top } = module.canvas.getBoundingClientRect();
      return call('widgets').map((each) => ({ ...each, x: each.x + left, y: each.y + top }));
    },
  };

  function fail(error) {
    failure = error;
    becomeFailed(error);
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  }

  return {
    playground,
    call,
    receive,
    attach: (created) => (module = created),
    fail,
  };
}
