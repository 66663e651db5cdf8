// Drives the real binary: node study.mjs NEURAL_ODE
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const [binary] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'neural-ode-'));
let checks = 0;

function run(...args) {
  return spawnSync(binary, ['study', ...args], {encoding: 'utf8', timeout: 60000});
}

function refused(pattern, ...args) {
  const {status, stdout, stderr} = run(...args);
  assert.equal(status, 2, `${args.join(' ')}: ${stderr}`);
  assert.equal(stdout, '');
  assert.match(stderr, pattern);
  assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  ++checks;
}

try {
  for (const study of ['precision', 'order', 'stability']) {
    const svg = join(folder, `${study}.svg`);
    const {status, stdout, stderr} = run(study, 'spiral', '--methods', 'dopri5,tsit5', '--svg', svg);
    assert.equal(status, 0, stderr);
    assert.equal(stderr, '');
    const answer = JSON.parse(stdout);
    assert.equal(answer.study, study);
    if (study !== 'stability') {
      assert.deepEqual(answer.methods.map((method) => method.name), ['dopri5', 'tsit5']);
    }
    assert.match(readFileSync(svg, 'utf8'), /^<svg [^]*<\/svg>\n$/);
    checks += 5;
  }
  const memory = JSON.parse(run('memory', 'spiral').stdout);
  assert.equal(memory.method.name, 'rk4');
  assert.deepEqual(
    memory.strategies.map((row) => [row.name, row.checkpoints, ...row.points.map((point) => point.steps)]),
    [['discrete', undefined], ['discrete', 50], ['discrete', 10], ['interpolated', undefined],
      ['backsolve', undefined]].map((row) => [...row, 100, 1000, 10000]));
  refused(/methods: the study 'memory' takes one/, 'memory', 'spiral', '--methods', 'rk4,heun');
  checks += 2;
  const order = JSON.parse(run('order', 'spiral', '--methods', 'rk4').stdout);
  assert.ok(Math.abs(order.methods[0].measured_order - 4) < 0.2);
  const precision = JSON.parse(
    run('precision', 'spiral', '--methods', 'tsit5', '--tolerances', '1e-3,1e-9', '--duration', '2').stdout);
  assert.deepEqual(precision.methods[0].points.map((point) => point.rtol), [1e-3, 1e-9]);
  assert.deepEqual(precision.times, [0, 2]);
  assert.match(run('--help').stdout, /stability/);
  const stiff = JSON.parse(
    run('precision', 'van_der_pol', '--set', 'mu=100', '--y0', '2,0', '--duration', '20', '--methods', 'kvaerno5,heun',
      '--tolerances', '1e-6', '--atol-ratio', '1', '--max-steps', '2000').stdout);
  assert.deepEqual(stiff.parameters, {mu: 100});
  assert.ok(stiff.methods[0].points[0].jacobians > 0);
  assert.equal(stiff.methods[1].failed[0].status, 'max_steps');
  const batch = JSON.parse(
    run('batch', 'van_der_pol', '--vary', 'mu=1:10', '--samples', '4', '--duration', '5', '--methods', 'tsit5').stdout);
  assert.deepEqual(batch.varied, {name: 'mu', from: 1, to: 10, samples: 4});
  assert.equal(batch.methods[0].same_alone, true);
  checks += 9;

  refused(/unknown study 'prcision'; .*did you mean 'precision'\?/, 'prcision', 'spiral');
  refused(/unknown system 'spirla'; .*did you mean 'spiral'\?/, 'order', 'spirla');
  refused(/unknown method 'tsit6'; .*did you mean 'tsit5'\?/, 'order', 'spiral', '--methods', 'rk4,tsit6');
  refused(/tolerances: expected numbers from/, 'precision', 'spiral', '--tolerances', '0');
  refused(/set: unknown parameter 'nu'; there are: mu/, 'order', 'van_der_pol', '--set', 'nu=1');
  refused(/y0: expected 2 numbers, found 3/, 'order', 'van_der_pol', '--y0', '1,2,3');
  refused(/vary: expected NAME=LOW:HIGH/, 'batch', 'van_der_pol', '--vary', 'mu');
  refused(/--tolerances/, 'precision', 'spiral', '--tolerances', 'small');
  refused(/duration: expected a finite number > 0/, 'order', 'spiral', '--duration', '0');
  refused(/cannot be written/, 'order', 'spiral', '--svg', join(folder, 'none', 'a.svg'));
  refused(/cannot be written: it is a folder/, 'order', 'spiral', '--svg', folder);
  refused(/system is required/, 'order');

  // Nothing is left of a picture that was not made.
  const before = readdirSync(folder).length;
  const failed = run('stability', 'spiral', '--methods', 'rk4', '--svg', join(folder, 'failed.svg'));
  assert.equal(failed.status, 1);
  assert.equal(failed.stdout, '');
  assert.match(failed.stderr, /^neural-ode: expected a method that chooses its own steps\n$/);
  assert.ok(!existsSync(join(folder, 'failed.svg')));
  assert.equal(readdirSync(folder).length, before);
  checks += 5;
} finally {
  rmSync(folder, {recursive: true, force: true});
}
console.log(`${checks} checks passed`);
