// suggestions.mjs CLI [FOLDER]: every suggestion of every experiment runs its whole course, for seeds 0 to 2, without
// diverging. FOLDER: of the MNIST files; without it those of `digits` are left out.
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {availableParallelism} from 'node:os';
import {promisify} from 'node:util';

const [cli, digits] = process.argv.slice(2);
const run = promisify(execFile);
const {stdout} = await run(cli, ['experiments'], {maxBuffer: 1e8});
const courses = [];
for (const {name, trains, suggestions} of JSON.parse(stdout).experiments) {
  if (name === 'digits' && !digits) continue;
  assert.ok(suggestions.length > 0, `${name} suggests something`);
  for (const {label, values} of suggestions)
    for (const seed of [0, 1, 2].slice(0, trains ? 3 : 1)) courses.push({name, label, values, seed});
}

const failures = [];
async function worker() {
  for (let course; (course = courses.shift());) {
    const {name, label, values, seed} = course, began = Date.now();
    const settings = values.flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    const data = name === 'digits' ? ['--data', digits] : [];
    try {
      await run(cli, ['train', name, ...settings, ...data, '--seed', String(seed), '--threads', '1'], {maxBuffer: 1e8});
    } catch (error) {
      failures.push(`${name}, "${label}", seed ${seed}: ${error.stderr.trim() || error.message}`);
    }
    console.log(`${((Date.now() - began) / 1000).toFixed(1)} s\t${name}\t${label}\t${seed}`);
  }
}
await Promise.all(Array.from({length: availableParallelism()}, worker));
assert.deepEqual(failures, []);
