// Values that the CLI cannot have are refused by name, with what is allowed: node numbers.mjs NEURAL_ODE
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';

const [binary] = process.argv.slice(2);
let checks = 0;

const run = (...args) => spawnSync(binary, args, {encoding: 'utf8', timeout: 60000});

function refused(parts, ...args) {
  const {status, stdout, stderr} = run(...args);
  assert.equal(status, 2, `${args.join(' ')}: ${stderr}`);
  assert.equal(stdout, '');
  assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  for (const part of parts) assert.ok(stderr.includes(part), `${args.join(' ')}: ${part} is missing in ${stderr}`);
  ++checks;
}

// Every row of every table.
const {experiments} = JSON.parse(run('experiments').stdout);
// 1e-5 as the CLI has it: the shortest of both notations.
const text = (number) => (number !== 0 && Math.abs(number) < 1e-4 ? number.toExponential() : String(number));
for (const {name, parameters} of experiments) {
  for (const row of parameters) {
    const set = (value, ...parts) => refused([row.name, ...parts], 'train', name, '--steps', '0', '--set', `${row.name}=${value}`);
    if (row.kind === 'real' || row.kind === 'integer') {
      const range = `${text(row.minimum)} … ${text(row.maximum)}`;
      set(row.maximum + 1, range);
      set(row.minimum - 1, range);
      set('inf', 'inf', range);
      if (name !== 'classify') continue; // the same code; a program for each value takes its time
      for (const value of ['nan', '-inf', '1e999', '', ' ', '0x3', '3x', '1e', '0,02', '1 2']) set(value, range);
      if (row.kind === 'integer') set(row.minimum + 0.5, 'not a whole number', range);
    } else if (row.kind === 'choice') {
      set('', row.choices[0].name);
      set(`${row.choices[0].name}x`, `${row.choices[0].name}x`, row.choices.at(-1).name);
    } else {
      for (const value of ['', '2', 'True', 'maybe']) set(value, 'true or false');
    }
  }
}
refused(["did you mean 'learning_rate'"], 'train', 'classify', '--set', 'learnign_rate=1');
refused(['learning_rate', 'inf'], 'train', 'classify', '--set', 'learning_rate=inf');
refused(['hidden', '1e9'], 'train', 'classify', '--set', 'hidden=1e9');

// Numbers among the options.
const junk = ['', ' ', 'x', 'nan', 'inf', '0x10', '1e1', '1.5', '1,5', '3x', '99999999999999999999999'];
const whole = {
  '--steps': [['-1', '1000000001'], 'train', 'classify'],
  '--seed': [['-1', '18446744073709551616'], 'train', 'classify'],
  '--threads': [['-1', '257'], 'train', 'classify'],
  '--runs': [['0', '-1'], 'bench'],
  '--checkpoints': [['-1', '2147483648'], 'grad', 'none.json'],
  '--samples': [['1', '-1'], 'study', 'batch', 'van_der_pol'],
  '--max-steps': [['0', '-1'], 'study', 'order', 'spiral'],
};
for (const [option, [outside, ...command]] of Object.entries(whole)) {
  for (const value of [...outside, ...junk]) refused([option, 'whole number', `'${value}'`], ...command, option, value);
}
for (const option of ['--duration', '--atol-ratio']) {
  for (const value of ['', 'nan', 'inf', '1e999', '0x1', '1,5', '2x']) {
    refused([option, 'finite number', `'${value}'`], 'study', 'order', 'spiral', option, value);
  }
  refused([option.slice(2).replace('-', '_'), '-1'], 'study', 'order', 'spiral', option, '-1');
}
refused(['duration', '0'], 'study', 'order', 'spiral', '--duration', '0');
for (const option of ['--tolerances', '--y0']) {
  for (const value of ['1e-3,nan', '1e-3,x', 'inf']) refused([option, 'finite number'], 'study', 'precision', 'spiral', option, value);
}
refused(['tolerances', '2'], 'study', 'precision', 'spiral', '--tolerances', '2');
refused(['mu', 'nan'], 'study', 'order', 'van_der_pol', '--set', 'mu=nan');
refused(['vary', 'mu=1:x'], 'study', 'batch', 'van_der_pol', '--vary', 'mu=1:x');
for (const value of ['-1', '', 'x', '18446744073709551616', '1.0']) refused(['seed', value], 'train', 'classify', '--set', `seed=${value}`);
refused(['fast', 'portable', 'quick'], 'train', 'classify', '--kernel', 'quick');
refused(['semi', 'full', 'none'], 'grad', 'none.json', '--norm', 'none');
refused(['did you mean'], 'study', 'order', 'spirl');
refused(['did you mean'], 'study', 'ordr', 'spiral');
refused(['did you mean'], 'train', 'clasify');

// The ends of what is allowed.
const seeded = run('train', 'classify', '--steps', '0', '--seed', '18446744073709551615');
assert.equal(seeded.status, 0, seeded.stderr);
assert.match(seeded.stdout, /"seed":18446744073709551615/);
const decimal = run('train', 'classify', '--set', 'points=40', '--steps', '010');
assert.equal(JSON.parse(decimal.stdout.trimEnd().split('\n').at(-1)).summary.step, 10);
console.log(`${checks} checks passed`);
