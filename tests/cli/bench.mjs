// Drives the real binary: node bench.mjs NEURAL_ODE. Every workload runs; how fast is no matter here.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const [binary] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'neural-ode-'));
let checks = 0;

function run(...args) {
  return spawnSync(binary, ['bench', ...args], {encoding: 'utf8', timeout: 120000});
}

try {
  const {status, stdout, stderr} = run('--json', '--runs', '1');
  assert.equal(status, 0, stderr);
  const {workloads} = JSON.parse(stdout);
  for (const name of ['spiral_dopri5', 'spiral_rk4', 'spiral_adjoint', 'spiral_interpolated', 'lorenz_dopri5',
                      'classifier_rk4', 'classifier_dopri5', 'cnf_exact', 'cnf_hutchinson', 'gemm_128', 'tanh']) {
    const workload = workloads.find((each) => each.name === name);
    assert.ok(workload, name);
    assert.equal(workload.runs, 1);
    // A solve that fails counts no operations.
    assert.ok(workload.flops > 0 && workload.median_ms > 0 && workload.min_ms <= workload.median_ms, name);
    ++checks;
  }
  assert.equal(workloads.find(({name}) => name === 'gemm_128').flops, 20 * 2 * 128 * 128 * 256);

  const before = join(folder, 'before.json');
  writeFileSync(before, stdout);
  const compared = run('--filter', 'tanh', '--runs', '1', '--against', before);
  assert.equal(compared.status, 0, compared.stderr);
  assert.match(compared.stdout, /ratio\n *tanh .* \d+\.\d{3}\n$/);

  const growth = run('--growth', '--filter', 'batch', '--runs', '1', '--json');
  assert.equal(growth.status, 0, growth.stderr);
  const [{sizes}] = JSON.parse(growth.stdout).growth;
  assert.deepEqual(sizes.map(({count}) => count), [1, 10, 100, 1000, 10000]);
  // The operations of a step are those of its samples; when not all records fit, a part is evaluated again.
  for (const {count, flops} of sizes) {
    const each = flops / count / sizes[0].flops;
    assert.ok(count <= 1000 ? Math.abs(each - 1) < 1e-9 : each >= 1 && each < 5 / 3, `${count}: ${each}`);
  }
  checks += 2;

  for (const [pattern, ...args] of [[/nothing that grows is called 'width'/, '--growth', '--filter', 'width'],
                                    [/no workload's name holds 'nothing'/, '--filter', 'nothing'],
                                    [/--runs/, '--runs', '0'],
                                    [/--threads/, '--threads', '-1'],
                                    [/missing\.json: cannot be read/, '--against', join(folder, 'missing.json')]]) {
    const bad = run(...args);
    assert.equal(bad.status, 2, bad.stderr);
    assert.match(bad.stderr, pattern);
    ++checks;
  }
  const threaded = run('--filter', 'tanh', '--threads', '2', '--runs', '1', '--json');
  assert.equal(JSON.parse(threaded.stdout).threads, 2);
  const [one, two] = [run('--filter', 'gemm', '--portable', '--runs', '1', '--json'), run('--filter', 'gemm', '--runs', '1', '--json')];
  assert.equal(JSON.parse(one.stdout).kernel, 'portable');
  assert.equal(JSON.parse(two.stdout).workloads.length, 1);
  checks += 4;
} finally {
  rmSync(folder, {recursive: true, force: true});
}
console.log(`${checks} checks passed`);
