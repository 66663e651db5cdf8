// Drives the real binary: node problem.mjs NEURAL_ODE REFERENCE_FOLDER
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const [binary, references] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'neural-ode-'));
let checks = 0;

function run(args, input = '') {
  const {status, stdout, stderr} = spawnSync(binary, args, {input, encoding: 'utf8', timeout: 60000});
  return {status, stdout, stderr};
}

function file(name, content) {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function refused(args, pattern, input) {
  const {status, stdout, stderr} = run(args, input);
  assert.equal(status, 2, `${args.join(' ')}: ${stderr}`);
  assert.equal(stdout, '');
  assert.match(stderr, pattern);
  assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  ++checks;
}

function relativeError(found, expected) {
  const [a, b] = [found, expected].map((value) => [value].flat(Infinity));
  assert.equal(a.length, b.length);
  const scale = Math.max(...b.map(Math.abs));
  return Math.max(...a.map((x, i) => Math.abs(x - b[i]))) / scale;
}

try {
  for (const name of readdirSync(references)) {
    const {problem, expected} = JSON.parse(readFileSync(join(references, name), 'utf8'));
    const tight = ['dopri5', 'tsit5'].includes(problem.solver.method);
    const keys = problem.flow ? ['z', 'log_prob', 'loss'] : ['y', 'loss', 'grad_y0', 'grad_times'];
    const path = file(name, JSON.stringify(problem));
    // The continuous adjoints of fixed steps differ from the reference by an error of the steps.
    const strategies = tight ? [[], ['--gradient', 'interpolated'], ['--gradient', 'backsolve'],
                                ['--gradient', 'backsolve', '--norm', 'full'],
                                ['--gradient', 'backsolve', '--reset'], ['--checkpoints', '5']]
                             : [[], ['--checkpoints', '3']];
    for (const strategy of strategies) {
      const {status, stdout, stderr} = run(['grad', path, ...strategy]);
      assert.equal(status, 0, stderr);
      const found = JSON.parse(stdout);
      const what = `${name} ${strategy.join(' ')}`;
      for (const key of keys) {
        const limit = key.startsWith('grad') ? (tight ? 1e-6 : 1e-9) : tight ? 1e-7 : 1e-10;
        assert.ok(relativeError(found[key], expected[key]) < limit, `${what}: ${key}`);
        ++checks;
      }
      expected.grad_layers.forEach((layer, i) => {
        for (const key of ['weight', 'bias']) {
          const error = relativeError(found.grad_layers[i][key], layer[key]);
          assert.ok(error < (tight ? 1e-6 : 1e-9), `${what}: layer ${i} ${key}`);
          ++checks;
        }
      });
    }
    const report = run(['grad', path, '--report']);
    assert.equal(report.status, 0, report.stderr);
    const rows = JSON.parse(report.stdout).report;
    assert.deepEqual(rows.map((row) => row.strategy),
                     ['discrete', 'discrete', 'interpolated', 'interpolated', 'backsolve', 'backsolve', 'backsolve']);
    for (const row of tight ? rows : rows.slice(0, 2)) {
      for (const key of ['error_y0', 'error_theta', 'error_times']) {
        assert.ok(row[key] === null || row[key] < 1e-6, `${name}: ${JSON.stringify(row)}`);
        ++checks;
      }
    }
  }

  const problem = {
    field: {type: 'linear', matrix: [[-0.1, -1], [1, -0.1]]},
    y0: [[2, 0]],
    times: [0, 1],
    solver: {method: 'dopri5', rtol: 1e-9, atol: 1e-9},
  };
  const solved = run(['solve', '-'], JSON.stringify(problem));
  assert.equal(solved.status, 0);
  const [u, v] = JSON.parse(solved.stdout).y[1][0];
  assert.ok(Math.abs(u - 2 * Math.exp(-0.1) * Math.cos(1)) < 1e-7);
  assert.ok(Math.abs(v - 2 * Math.exp(-0.1) * Math.sin(1)) < 1e-7);

  const short = {...problem, solver: {...problem.solver, max_steps: 2}};
  const failed = run(['solve', '-'], JSON.stringify(short));
  assert.equal(failed.status, 1);
  assert.equal(JSON.parse(failed.stdout).status, 'max_steps');
  assert.match(failed.stderr, /^neural-ode: standard input: the allowed number of steps.*\n$/);

  const flow = {
    field: problem.field,
    x: [[1, 2], [0.5, 0]],
    flow: {trace: 'hutchinson', probes: 2, seed: 3, t1: 0.5},
    solver: {method: 'rk4', step_size: 0.05},
    loss: {type: 'nll'},
  };
  const density = JSON.parse(run(['solve', '-'], JSON.stringify(flow)).stdout);
  // The field has only its diagonal -0.1 in its symmetric part: every Rademacher probe is exact.
  const radius = Math.exp(0.1) * 5;
  const expected = -Math.log(2 * Math.PI) - radius / 2 + 0.1;
  assert.ok(Math.abs(density.log_prob[0] - expected) < 1e-6);
  assert.equal(density.z.length, 2);
  const flowGradient = JSON.parse(run(['grad', '-'], JSON.stringify(flow)).stdout);
  assert.deepEqual(Object.keys(flowGradient),
                   ['status', 'z', 'log_prob', 'stats', 'loss', 'grad_layers']);
  checks += 3;

  const list = JSON.parse(run(['solve', '--list']).stdout);
  assert.ok(list.methods.some((method) => method.name === 'tsit5'));
  assert.deepEqual(list.gradients.map((gradient) => gradient.name),
                   ['discrete', 'interpolated', 'backsolve']);
  assert.ok(list.solver.some((key) => key.name === 'jumps'));
  assert.ok(list.systems.some((system) => system.name === 'two_attractors'));
  const lorenz = list.systems.find((system) => system.name === 'lorenz');
  assert.deepEqual([lorenz.params.rho, lorenz.y0.length, lorenz.times[0]], [28, 3, 0]);
  const oscillator = {
    ...problem,
    field: {type: 'system', name: 'van_der_pol', params: {mu: 0}},
    loss: {type: 'mse', target: [[[2, 0]], [[0, 0]]]},
  };
  const oscillated = JSON.parse(run(['grad', '-'], JSON.stringify(oscillator)).stdout);
  assert.ok(Math.abs(oscillated.y[1][0][0] - 2 * Math.cos(1)) < 1e-7);
  assert.deepEqual(Object.keys(oscillated.grad_params), ['mu']);
  for (const args of [['--help'], ['solve', '--help'], ['grad', '--help']]) {
    assert.equal(run(args).status, 0);
  }
  checks += 15;

  const version = run(['--version']);
  assert.equal(version.status, 0);
  assert.match(version.stdout, /^neural-ode \d+\.\d+\.\d+\n$/);
  ++checks;

  const missing = join(folder, 'missing.json');
  refused(['solve', missing], /missing\.json: cannot be read: No such file/);
  refused(['solve', folder], /cannot be read: Is a directory/);
  refused(['grad', file('text.json', 'y0 = 3')], /text\.json: line 1, column 1: not JSON/);
  refused(['solve', file('empty.json', '')], /empty\.json: line 1, column 1: not JSON/);
  refused(['solve', file('shape.json', JSON.stringify({...problem, y0: [[1, 2, 3]]}))],
          /shape\.json: \/y0\/0: expected 2 numbers, found 3/);
  refused(['solve', '-'], /standard input: \/method: expected only/, JSON.stringify({...problem, method: 1}));
  refused(['grad', '-'], /standard input: \/loss: expected/, JSON.stringify(problem));
  refused(['grad', '-'], /standard input: \/field\/params\/nu: expected only mu here/,
          JSON.stringify({...oscillator, field: {...oscillator.field, params: {nu: 1}}}));
  refused(['solve', '-'], /standard input: \/y0: expected x and flow alone/,
          JSON.stringify({...flow, y0: [[1, 2]]}));
  refused(['grad', '-', '--gradient', 'guess'], /expected discrete, interpolated or backsolve/,
          JSON.stringify(oscillator));
  refused(['grad', '-', '--reset'], /reset: expected backsolve, found discrete/, JSON.stringify(oscillator));
  refused(['grad', '-', '--report', '--reset'], /--report/, JSON.stringify(oscillator));
  refused(['grad', '-', '--norm', 'half'], /--norm/, JSON.stringify(oscillator));
  refused(['grad', '-', '--checkpoints', '-1'], /--checkpoints/, JSON.stringify(oscillator));
  refused(['solve', '-'], /standard input: \/solver\/jumps: expected steps that adapt/,
          JSON.stringify({...problem, solver: {method: 'rk4', jumps: [0.5]}}));
  refused(['solve'], /expected a PROBLEM\.json/);
  refused(['frobnicate'], /neural-ode: /);
  refused([], /subcommand/);
  refused(['solve', '-', '--speed'], /--speed/);
} finally {
  rmSync(folder, {recursive: true, force: true});
}
console.log(`${checks} checks passed`);
