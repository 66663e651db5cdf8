// What the CLI does with the files that it writes: node files.mjs NEURAL_ODE
import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {chmodSync, closeSync, existsSync, lstatSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync,
  statSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const [binary] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'neural-ode-files-'));
const path = (name) => join(folder, name);
const read = (name) => readFileSync(path(name), 'utf8');
const quick = ['train', 'classify', '--set', 'points=40', '--set', 'hidden=2', '--steps', '3'];
const losses = (text) => text.trimEnd().split('\n').map((line) => JSON.parse(line)).filter((line) => 'loss' in line && !('step_ms' in line));
let checks = 0;

const run = (...args) => spawnSync(binary, args, {encoding: 'utf8', timeout: 60000});
const shell = (script) => spawnSync('bash', ['-c', script], {encoding: 'utf8', timeout: 60000,
  env: {...process.env, CLI: binary, QUICK: quick.join(' '), DIR: folder}});

function done(result) {
  assert.equal(result.status, 0, result.stderr);
  ++checks;
  return result;
}

function fails(status, pattern, result) {
  assert.equal(result.status, status, result.stderr);
  assert.match(result.stderr, pattern);
  assert.equal(result.stderr.trimEnd().split('\n').length, 1, result.stderr);
  assert.ok(!readdirSync(folder).some((name) => name.includes('partial')), 'no partial file is left');
  ++checks;
}

try {
  // Links stay; what they point to is written, through several of them, and where nothing is yet.
  mkdirSync(path('deep'));
  writeFileSync(path('deep/old.jsonl'), 'old');
  symlinkSync('deep/old.jsonl', path('one.jsonl'));
  symlinkSync('one.jsonl', path('two.jsonl'));
  symlinkSync(path('deep/new.safetensors'), path('dangling.safetensors'));
  symlinkSync('deep', path('folder'));
  done(run(...quick, '--log', path('two.jsonl'), '--save', path('dangling.safetensors'), '--frame', path('folder/frame.svg')));
  assert.equal(readlinkSync(path('two.jsonl')), 'one.jsonl');
  assert.equal(readlinkSync(path('one.jsonl')), 'deep/old.jsonl');
  assert.ok(lstatSync(path('deep/old.jsonl')).isFile());
  assert.equal(losses(read('deep/old.jsonl')).length, 3);
  assert.ok(lstatSync(path('dangling.safetensors')).isSymbolicLink());
  assert.ok(lstatSync(path('deep/new.safetensors')).isFile());
  assert.match(read('deep/frame.svg'), /^<svg/);
  symlinkSync('loop', path('loop'));
  fails(2, /loop: cannot be written: Too many levels/, run(...quick, '--log', path('loop')));
  symlinkSync('nowhere/file', path('lost'));
  fails(2, /lost: cannot be written: No such file/, run(...quick, '--log', path('lost')));

  // Permissions stay, and a run that is refused leaves the file.
  writeFileSync(path('private.jsonl'), 'old');
  chmodSync(path('private.jsonl'), 0o600);
  done(run(...quick, '--log', path('private.jsonl')));
  assert.equal(statSync(path('private.jsonl')).mode & 0o777, 0o600);
  assert.equal(losses(read('private.jsonl')).length, 3);
  writeFileSync(path('kept.jsonl'), 'old');
  fails(2, /expected a name that ends in/, run(...quick, '--log', path('kept.jsonl'), '--frame', path('frame.png')));
  assert.equal(read('kept.jsonl'), 'old');

  // Devices and pipes are written to, and are there afterwards.
  for (const option of ['--log', '--save']) {
    done(run(...quick, option, '/dev/null'));
    fails(1, /\/dev\/full: cannot be written: No space left on device/, run(...quick, option, '/dev/full'));
  }
  symlinkSync('/dev/full', path('frame-full.svg'));
  fails(1, /frame-full.svg: cannot be written: No space/, run(...quick, '--frame', path('frame-full.svg')));
  fails(1, /No space/, run('study', 'order', 'spiral', '--methods', 'euler', '--svg', '/dev/full'));
  assert.ok(statSync('/dev/full').isCharacterDevice() && statSync('/dev/null').isCharacterDevice());
  // The other files are written all the same.
  fails(1, /full/, run(...quick, '--log', '/dev/full', '--save', path('saved.safetensors')));
  assert.ok(existsSync(path('saved.safetensors')));

  // Standard output and error, whatever they are: a socket, a pipe, a file of which the shell has the beginning.
  assert.equal(losses(done(run(...quick, '--log', '/dev/stdout')).stdout).length, 3);
  assert.equal(losses(done(run(...quick, '--log', '/dev/stderr')).stderr).length, 3);
  assert.equal(losses(done(shell('$CLI $QUICK --log /dev/stdout | cat')).stdout).length, 3);
  done(shell('{ echo \'{"first": 1}\'; $CLI $QUICK --log /dev/stdout; } > $DIR/both'));
  assert.equal(losses(read('both')).length, 3);
  assert.match(read('both'), /^{"first": 1}\n/);
  assert.equal(losses(done(shell('$CLI $QUICK --log /dev/fd/7 7> $DIR/seven > /dev/null')).stdout + read('seven')).length, 3);
  fails(2, /fd\/77: cannot be written: Bad file descriptor/, run(...quick, '--log', '/dev/fd/77'));
  assert.equal(losses(done(shell('$CLI $QUICK --log >(cat > $DIR/through) > /dev/null; sleep 0.3')).stdout + read('through')).length, 3);
  done(shell('$CLI $QUICK --frame >(cat > $DIR/frame.json) > /dev/null; sleep 0.3'));
  assert.equal(JSON.parse(read('frame.json')).step, 3);

  // A named pipe; one whose reader goes away costs that file alone.
  done(shell('mkfifo $DIR/pipe; cat $DIR/pipe > $DIR/piped & $CLI $QUICK --log $DIR/pipe > /dev/null && wait'));
  assert.ok(lstatSync(path('pipe')).isFIFO());
  assert.equal(losses(read('piped')).length, 3);
  {
    const result = shell('head -c 10 $DIR/pipe > /dev/null & $CLI train classify --set points=40 --set hidden=2 --steps 3000 --log $DIR/pipe ' +
      '--save $DIR/after.safetensors > /dev/null');
    fails(1, /pipe: cannot be written: Broken pipe/, result);
    assert.ok(existsSync(path('after.safetensors')));
  }
  {
    // Nobody reads the metrics any more: it stops and writes its files.
    const child = spawn(binary, ['train', 'classify', '--set', 'points=40', '--set', 'hidden=2', '--steps', '3000', '--save',
      path('stopped.safetensors')], {stdio: ['ignore', 'pipe', 'pipe']});
    let error = '';
    child.stderr.on('data', (text) => error += text);
    child.stdout.destroy();
    const status = await new Promise((resolve) => child.on('close', resolve));
    fails(1, /standard output cannot be written/, {status, stderr: error});
    assert.ok(existsSync(path('stopped.safetensors')));
  }

  // Folders, places that are none, two options that mean one file, a name that is empty.
  fails(2, /deep: cannot be written: it is a folder/, run(...quick, '--save', path('deep')));
  fails(2, /folder: cannot be written: it is a folder/, run(...quick, '--save', path('folder')));
  fails(2, /none\/log: cannot be written: No such file/, run(...quick, '--log', path('none/log')));
  fails(2, /private.jsonl\/log: cannot be written: Not a directory/, run(...quick, '--log', path('private.jsonl/log')));
  fails(2, /--save .*is the file of --log too/, run(...quick, '--log', path('same'), '--save', path('deep/../same')));
  fails(2, /--save: expected the name of a file/, run(...quick, '--save', ''));
  fails(2, /it is a folder/, run('study', 'order', 'spiral', '--methods', 'euler', '--svg', path('deep')));
  if (process.getuid() !== 0) {
    mkdirSync(path('closed'));
    chmodSync(path('closed'), 0o500);
    fails(2, /closed\/log: cannot be written: Permission denied/, run(...quick, '--log', path('closed/log')));
    chmodSync(path('private.jsonl'), 0o400);
    fails(2, /private.jsonl: cannot be written: Permission denied/, run(...quick, '--log', path('private.jsonl')));
  }
  const full = openSync('/dev/full', 'w');
  fails(1, /standard output cannot be written/, spawnSync(binary, quick, {encoding: 'utf8', stdio: ['ignore', full, 'pipe']}));
  closeSync(full);
  console.log(`${checks} checks passed`);
} finally {
  rmSync(folder, {recursive: true, force: true});
}
