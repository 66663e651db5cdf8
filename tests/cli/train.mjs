// Drives the real binary: node train.mjs NEURAL_ODE
import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const [binary] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'neural-ode-'));
const path = (name) => join(folder, name);
let checks = 0;

function run(...args) {
  const {status, stdout, stderr} = spawnSync(binary, args, {encoding: 'utf8', timeout: 60000});
  return {status, stdout, stderr, lines: stdout.trimEnd().split('\n')};
}

function train(...args) {
  const result = run('train', ...args);
  assert.equal(result.status, 0, result.stderr);
  const lines = result.lines.map((line) => JSON.parse(line));
  ++checks;
  return {...result, lines, summary: lines.at(-1).summary};
}

function refused(pattern, ...args) {
  const before = readdirSync(folder).length;
  const {status, stdout, stderr} = run(...args);
  assert.equal(status, 2, `${args.join(' ')}: ${stderr}`);
  assert.equal(stdout, '');
  assert.match(stderr, pattern);
  assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  assert.equal(readdirSync(folder).length, before, 'no partial file is left');
  ++checks;
}

const read = (name) => readFileSync(path(name), 'utf8');
const losses = (name) => read(name).trimEnd().split('\n').map((line) => JSON.parse(line))
    .filter((line) => 'loss' in line).map((line) => line.loss);

try {
  {
    const {status, stdout} = run('experiments');
    assert.equal(status, 0);
    const {experiments} = JSON.parse(stdout);
    assert.deepEqual(experiments.map(({name}) => name), ['classify', 'dynamics', 'density', 'latent', 'filter', 'events', 'physics',
      'digits', 'solvers', 'gradients']);
    for (const {name, parameters, default_steps, trains} of experiments) {
      assert.ok(default_steps > 0);
      const learnt = [...name === 'digits' ? [] : ['data', 'activation'], 'noise', 'hidden', 'layers', 'optimizer',
        'learning_rate', 'batch'];
      for (const row of ['solver', 'tolerance', 'step_size', ...trains ? learnt : []]) {
        assert.ok(parameters.some(({name}) => name === row), row);
      }
    }
    ++checks;
  }
  {
    const {summary, lines, stderr} = train('dynamics', '--set', 'data=linear', '--set',
        'model=linear', '--set', 'noise=0.01', '--steps', '500', '--seed', '1');
    assert.ok(lines.length > 5);
    assert.equal(stderr, '');
    assert.equal(summary.experiment, 'dynamics');
    assert.equal(summary.step, 500);
    assert.ok(summary.seconds > 0 && summary.metrics.step_ms > 0);
    assert.ok(summary.metrics.matrix_error < 0.02);
    assert.equal(summary.parameters.seed, 1);
    assert.equal(summary.parameters.noise, 0.01);
  }
  {
    const settings = ['--kernel', 'portable', '--seed', '7', '--set', 'hidden=8', '--set', 'points=100'];
    train('classify', ...settings, '--steps', '40', '--log', path('a.jsonl'));
    train('classify', ...settings, '--steps', '40', '--log', path('b.jsonl'));
    const whole = losses('a.jsonl');
    assert.equal(whole.length, 40);
    assert.deepEqual(losses('b.jsonl'), whole);
    const many = [...settings, '--set', 'points=800', '--set', 'batch=300', '--steps', '10'];
    train('classify', ...many, '--threads', '1', '--log', path('one.jsonl'));
    train('classify', ...many, '--threads', '3', '--log', path('three.jsonl'));
    assert.equal(losses('one.jsonl').length, 10);
    assert.deepEqual(losses('three.jsonl'), losses('one.jsonl'));
    train('classify', ...settings, '--steps', '25', '--save', path('run.safetensors'));
    const {summary} = train('classify', '--kernel', 'portable', '--load', path('run.safetensors'),
        '--steps', '15', '--log', path('c.jsonl'), '--frame', path('frame.json'));
    assert.equal(summary.step, 40);
    assert.equal(summary.parameters.hidden, 8);
    assert.deepEqual(losses('c.jsonl'), whole.slice(25));
    const frame = JSON.parse(read('frame.json'));
    assert.equal(frame.step, 40);
    assert.equal(frame.plots[0].id, 'flow');

    const fast = losses('a.jsonl');
    train('classify', ...settings.slice(2), '--kernel', 'fast', '--steps', '40', '--log', path('d.jsonl'));
    losses('d.jsonl').forEach((loss, i) =>
      assert.ok(Math.abs(loss - fast[i]) <= 0.01 * fast[i], `fast kernels at step ${i + 1}`));
  }
  {
    train('dynamics', '--steps', '3', '--frame', path('frame.svg'));
    assert.match(read('frame.svg'), /^<svg [^]*<\/svg>\n$/);
    assert.doesNotMatch(read('frame.svg'), /nan|inf/);
  }
  {
    const points = Array.from({length: 40}, (_, i) => `${i % 2 ? 0.5 : -0.5},${i / 40},${i % 2}`);
    writeFileSync(path('points.csv'), ['x,y,label', ...points].join('\n'));
    const {summary} = train('classify', '--data', path('points.csv'), '--steps', '60');
    assert.equal(summary.parameters.data, 'own');
    assert.equal(summary.metrics.test_accuracy, 1);
  }
  {
    const rows = Array.from({length: 40}, (_, i) => `${i};${i % 2 ? 'cat' : 'dog'};${i % 2 ? '0,5' : '-0,5'};${i ? i / 40 : ''}`.replace('.', ','));
    writeFileSync(path('words.csv'), ['\uFEFF;kind;x;y', ...rows].join('\r\n'));
    const {stderr, summary} = train('classify', '--data', path('words.csv'), '--steps', '60');
    assert.match(stderr, /words.csv: read 39 rows: x ← 'x', y ← 'y', class ← 'kind' \('cat' → A, 'dog' → B\); ignored one without a name; 1 row without y dropped; decimal comma/);
    assert.equal(summary.metrics.test_accuracy, 1);
  }
  refused(/unknown experiment 'clasify'; there are: classify, dynamics, density, latent, filter, events, physics, digits, solvers, gradients/, 'train', 'clasify');
  refused(/unknown parameter 'hiden'; did you mean 'hidden'/, 'train', 'classify', '--set', 'hiden=3');
  refused(/unknown choice 'mooons'; there are spirals/, 'train', 'classify', '--set', 'data=mooons');
  refused(/expected a number, found 'many'/, 'train', 'classify', '--set', 'points=many');
  refused(/expected name=value/, 'train', 'classify', '--set', 'points');
  refused(/--steps/, 'train', 'classify', '--steps', '-3');
  refused(/own data: draw or paste/, 'train', 'classify', '--set', 'data=own');
  refused(/none.csv: cannot be read/, 'train', 'classify', '--data', path('none.csv'));
  refused(/\.json or \.svg/, 'train', 'classify', '--steps', '1', '--frame', path('frame.png'));
  refused(/cannot be written/, 'train', 'classify', '--log', path('none/log.jsonl'));
  refused(/frame.svg: not a usable safetensors file/, 'train', 'classify', '--load', path('frame.svg'));
  refused(/is of the experiment 'classify'/, 'train', 'dynamics', '--load', path('run.safetensors'));
  refused(/has no tensor|expected 9 x/, 'train', 'classify', '--load', path('run.safetensors'),
      '--set', 'hidden=9');
  writeFileSync(path('bad.csv'), 'x,y,label\n1,2,0\n1,two,0\n');
  refused(/bad.csv: line 3, column 2: expected a finite number, found 'two'/, 'train', 'classify', '--data',
      path('bad.csv'));

  // Own data travel in the saved run: it goes on where the file of the data is not, to the bit.
  {
    const points = Array.from({length: 60}, (_, i) => `${(i % 7) / 7 + i % 2},${(i % 11) / 11},${i % 2}`);
    writeFileSync(path('own.csv'), ['x,y,label', ...points].join('\n'));
    const curves = Array.from({length: 60}, (_, i) => `${(i % 20) / 10},${Math.cos(i / 10)},${Math.sin(i / 10)},${Math.floor(i / 20)}`);
    writeFileSync(path('curves.csv'), ['t,x,y,trajectory', ...curves].join('\n'));
    const small = ['--kernel', 'portable', '--threads', '1', '--set', 'hidden=4', '--set', 'batch=8'];
    for (const [experiment, data] of [['classify', 'own'], ['density', 'own'], ['dynamics', 'curves'], ['latent', 'curves']]) {
      const own = [experiment, ...small, '--data', path(`${data}.csv`)];
      train(...own, '--steps', '7', '--log', path('straight.jsonl'));
      train(...own, '--steps', '4', '--save', path('own.safetensors'));
      const {summary} = train(experiment, '--kernel', 'portable', '--threads', '1', '--load', path('own.safetensors'), '--steps', '3', '--log', path('on.jsonl'));
      assert.equal(summary.parameters.data, 'own');
      assert.equal(summary.step, 7);
      assert.deepEqual(losses('on.jsonl'), losses('straight.jsonl').slice(4), experiment);

      // As an older version wrote it.
      const bytes = readFileSync(path('own.safetensors'));
      const length = Number(bytes.readBigUInt64LE());
      const header = JSON.parse(bytes.subarray(8, 8 + length));
      delete header.__metadata__.own_data;
      const text = Buffer.from(JSON.stringify(header).padEnd(length));
      writeFileSync(path('older.safetensors'), Buffer.concat([bytes.subarray(0, 8), text, bytes.subarray(8 + length)]));
      refused(/older.safetensors: the saved run was trained on data of one's own .*; give them with --data/, 'train', experiment,
          '--load', path('older.safetensors'));
      train(experiment, '--kernel', 'portable', '--threads', '1', '--load', path('older.safetensors'), '--data', path(`${data}.csv`), '--steps', '3',
          '--log', path('on.jsonl'));
      assert.deepEqual(losses('on.jsonl'), losses('straight.jsonl').slice(4), experiment);
    }
  }

  // Ctrl-C between two steps: the files are there and whole.
  {
    const child = spawn(binary, ['train', 'classify', '--steps', '1000000', '--save', path('stopped.safetensors'),
      '--log', path('stopped.jsonl')]);
    let output = '';
    child.stdout.on('data', (text) => output += text);
    setTimeout(() => child.kill('SIGINT'), 500);
    const status = await new Promise((resolve) => child.on('close', resolve));
    assert.equal(status, 0);
    const {summary} = JSON.parse(output.trimEnd().split('\n').at(-1));
    assert.equal(summary.interrupted, true);
    assert.ok(summary.step > 0);
    assert.equal(losses('stopped.jsonl').length, summary.step);
    assert.ok(existsSync(path('stopped.safetensors')));
    assert.ok(!readdirSync(folder).some((name) => name.includes('partial')));
    ++checks;
  }
  // Digits: the four files of MNIST from a folder; here eight images of 28 x 28 each.
  {
    refused(/digits|no images/, 'train', 'digits', '--steps', '1');
    mkdirSync(path('mnist'));
    const idx = (dimensions, size) => {
      const bytes = Buffer.alloc(4 + 4 * dimensions.length + size);
      bytes.set([0, 0, 8, dimensions.length]);
      dimensions.forEach((each, i) => bytes.writeUInt32BE(each, 4 + 4 * i));
      return bytes;
    };
    for (const part of ['train', 't10k']) {
      writeFileSync(path(`mnist/${part}-images-idx3-ubyte`), idx([8, 28, 28], 8 * 28 * 28));
      if (part === 't10k') refused(/t10k-labels-idx1-ubyte/, 'train', 'digits', '--data', path('mnist'));
      writeFileSync(path(`mnist/${part}-labels-idx1-ubyte`), idx([8], 8));
    }
    const {summary, lines} = train('digits', '--data', path('mnist'), '--set', 'hidden=2', '--steps', '60');
    assert.equal(summary.metrics.training_images, 8);
    // All of them are zeros, of one kind.
    assert.ok(summary.metrics.loss < 0.5 * lines[0].loss);
    writeFileSync(path('mnist/t10k-labels-idx1-ubyte'), 'x');
    refused(/test labels/, 'train', 'digits', '--data', path('mnist'));
    rmSync(path('mnist'), {recursive: true});
  }
  console.log(`${checks} checks passed`);
} finally {
  rmSync(folder, {recursive: true, force: true});
}
