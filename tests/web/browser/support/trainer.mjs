// The trainer's WebAssembly module under Node, without a page: commands in, events out.
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join, resolve} from 'node:path';
import {site as builtSite} from './browser.mjs';

const require = createRequire(import.meta.url);

// Events are collected in `events`, unless `onMessage(json, blob)` takes their bytes.
export async function startTrainer(name = 'trainer', {site, onMessage} = {}) {
  const folder = resolve(site ?? builtSite);
  const exported = {};
  // A script of the page, not a module: its factory goes into `module.exports`.
  new Function('module', 'exports', 'require', '__dirname', '__filename', readFileSync(join(folder, `${name}.js`), 'utf8'))(
      exported, {}, require, folder, join(folder, `${name}.js`));
  const events = [];
  const module = await exported.exports({
    wasmBinary: readFileSync(join(folder, `${name}.wasm`)),
    emit: onMessage ?? ((json) => events.push(JSON.parse(Buffer.from(json).toString()))),
  });
  return {
    events,
    send(command) {
      const bytes = Buffer.from(JSON.stringify(command));
      const at = module._trainer_command(bytes.length);
      module.HEAPU8.set(bytes, at);
      module._trainer_handle();
    },
    run: (milliseconds = 1000) => module._trainer_run(milliseconds),
  };
}

// The losses of the first `steps` steps of a run with default settings.
export async function lossesUnderNode(experiment, seed, steps, name) {
  const trainer = await startTrainer(name);
  trainer.send({type: 'open', experiment, settings: {}, seed, run: 1});
  trainer.send({type: 'step', n: steps, id: 1});
  for (let i = 0; i < 10000; ++i) {
    trainer.run();
    const done = trainer.events.find((event) => event.type === 'done');
    if (done) return done.losses;
  }
  throw new Error(`${experiment}: ${steps} steps were not done`);
}
