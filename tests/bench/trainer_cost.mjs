// What pictures cost training, and how soon a pause takes effect: the trainer's WebAssembly module under Node, driven as
// web/page/worker.js and the page drive it. Costs are times of the processor, so that other programs count little.
//   node tests/bench/trainer_cost.mjs [--site FOLDER] [--seconds N] [--filter NAME]
import {EventEmitter} from 'node:events';
import {parseArgs} from 'node:util';
import {startTrainer} from '../web/browser/support/trainer.mjs';

const {values: options} = parseArgs({options: {
  site: {type: 'string'}, seconds: {type: 'string', default: '12'}, filter: {type: 'string', default: ''},
}});
EventEmitter.defaultMaxListeners = 100; // each trainer listens to the process
const slice = 12; // ms, as in web/page/worker.js
const refresh = 1000 / 60; // ms: the page asks for the next picture when it shows one
const turns = 2;

const heaviest = {hidden: 256, layers: 4, batch: 1024};
const cases = [
  ['classify', 'default', {}],
  ['classify', '8 units, 40 points', {points: 40, batch: 16, hidden: 8, layers: 1}],
  ['classify', 'dopri5, 1e-8', {solver: 'dopri5', tolerance: 1e-8}],
  ['classify', '128 units', {hidden: 128}],
  ['classify', '256 units', {hidden: 256}],
  ['classify', '2000 points, batch 1024', {points: 2000, batch: 1024}],
  ['classify', 'widest, largest batch', {...heaviest, points: 2000}],
  ['dynamics', 'default', {}],
  ['dynamics', 'MLP', {data: 'cubic', model: 'mlp'}],
  ['dynamics', '16 x 1000 points', {trajectories: 16, points: 1000, window: 100, batch: 1024}],
  ['dynamics', 'MLP, dopri5, 1e-8', {data: 'cubic', model: 'mlp', solver: 'dopri5', tolerance: 1e-8}],
  ['dynamics', 'widest, largest batch', {...heaviest, data: 'cubic', model: 'mlp', trajectories: 16, points: 1000,
                                         window: 100}],
];

const cpu = () => process.cpuUsage().user / 1000; // ms
const sorted = (values) => [...values].sort((a, b) => a - b);
const median = (values) => sorted(values)[values.length >> 1];
const sum = (values) => values.reduce((total, value) => total + value, 0);

// The trainer; `state` is what it said last.
async function start() {
  const state = {step: 0, frames: 0, bytes: 0};
  const trainer = await startTrainer('trainer', {site: options.site, onMessage(json, blob) {
    if (blob) { // a picture
      ++state.frames;
      state.bytes = json.length + blob.byteLength;
      return;
    }
    const event = JSON.parse(Buffer.from(json).toString());
    if (event.type === 'state') state.step = event.step;
    if (event.type === 'diverged') throw new Error(event.message);
  }});
  return {...trainer, state};
}

// Trains the run from its beginning for about `limit` ms and then pauses. `calls` are the times between two looks at commands: as long may a pause
// take. `costs` are those of them that were pictures.
function train(trainer, run, limit, pictures) {
  const {state} = trainer;
  trainer.send(run);
  while (trainer.run(0) === 0);
  trainer.send({type: 'step', n: 10_000_000});
  const calls = [], costs = [];
  let asked = 0;
  // The first picture comes at once: count from there.
  if (pictures) {
    trainer.send({type: 'want_frame'});
    const before = state.frames;
    while (state.frames === before) trainer.run(slice);
  }
  trainer.send({type: 'play'}); // already so: only to be told the step
  const first = state.step;
  while (sum(calls) < limit) {
    const before = state.frames;
    if (pictures && sum(calls) - asked > refresh) {
      trainer.send({type: 'want_frame'});
      asked = sum(calls);
    }
    const from = cpu();
    trainer.run(slice);
    const ms = cpu() - from;
    calls.push(ms);
    if (state.frames > before) costs.push(ms);
  }
  trainer.send({type: 'pause'});
  const steps = state.step - first;
  while (trainer.run(0) === 0);
  return {steps, ms: sum(calls), calls, costs};
}

console.log('| experiment | settings | step ms | steps/s alone | with pictures | pictures/s | picture ms | KB | share % | '
            + 'pause ms: median | longest |\n|---|---|' + '--:|'.repeat(9));
for (const [experiment, label, settings] of cases) {
  if (!`${experiment} ${label}`.includes(options.filter)) continue;
  const trainer = await start();
  const texts = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
  const run = {type: 'open', experiment, settings: texts, seed: 1, run: 1};
  train(trainer, run, 300, true);
  const parts = [[], []];
  // The same steps in turns, so that both meet the same weather.
  for (let turn = 0; turn < turns; ++turn) {
    for (const on of turn % 2 ? [1, 0] : [0, 1]) {
      parts[on].push(train(trainer, run, 1000 * options.seconds / (2 * turns), on === 1));
    }
  }
  const rate = (runs) => 1000 * sum(runs.map((run) => run.steps)) / sum(runs.map((run) => run.ms));
  const [alone, shown] = parts.map(rate);
  const costs = parts[1].flatMap((run) => run.costs), calls = parts[1].flatMap((run) => run.calls);
  const ms = sum(calls);
  console.log(`| ${[experiment, label, (1000 / alone).toFixed(2), alone.toFixed(1), shown.toFixed(1),
                    (1000 * costs.length / ms).toFixed(1), median(costs)?.toFixed(1) ?? '-',
                    Math.round(trainer.state.bytes / 1024), (100 * sum(costs) / ms).toFixed(1), median(calls).toFixed(0),
                    sorted(calls).at(-1).toFixed(0)].join(' | ')} |`);
}
