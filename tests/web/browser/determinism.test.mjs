// The same seed and settings give the same losses, to the bit: in the CLI with portable kernels, in WebAssembly under
// Node with and without SIMD, and in the page.
import {after, before, test} from './support/test.mjs';
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {launchChromium, openPage, root, serve} from './support/browser.mjs';
import {lossesUnderNode} from './support/trainer.mjs';

const steps = 200;
let browser, server, scratch;
before(async () => {
  server = await serve();
  browser = await launchChromium();
  scratch = mkdtempSync(join(tmpdir(), 'neural-ode-'));
});
after(async () => {
  await browser?.close();
  await server?.close();
  if (scratch) rmSync(scratch, {recursive: true});
});

function lossesInCli(experiment, kernel) {
  const log = join(scratch, `${experiment}-${kernel}.jsonl`);
  execFileSync(process.env.NEURAL_ODE ?? join(root, 'build/native/neural-ode'),
               ['train', experiment, '--steps', steps, '--seed', 7, '--kernel', kernel, '--log', log],
               {stdio: ['ignore', 'ignore', 'ignore']});
  const rows = readFileSync(log, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  return rows.filter((row) => 'loss' in row && row.step >= 1).map((row) => row.loss);
}

async function lossesInPage(experiment) {
  const {page, context} = await openPage(browser, `${server.origin}/?run=click#experiment=${experiment}&seed=7`);
  const losses = await page.evaluate(async (count) => {
    // The first steps one by one, as the button does them; the rest at once.
    const run = async () => {
      const found = [];
      for (let i = 0; i < 10; ++i) found.push((await window.playground.step(1)).loss);
      return found.concat((await window.playground.step(count - 10)).losses);
    };
    const first = await run();
    window.playground.reset({keepSeed: true});
    return [first, await run()];
  }, steps);
  await context.close();
  return losses;
}

for (const experiment of ['dynamics', 'classify']) {
  test(`${experiment}: ${steps} losses are the same bits in the CLI, under Node, in the page, and after a reset`, async () => {
    const portable = lossesInCli(experiment, 'portable');
    assert.equal(portable.length, steps);
    assert.deepEqual(await lossesUnderNode(experiment, 7, steps, 'trainer'), portable);
    assert.deepEqual(await lossesUnderNode(experiment, 7, steps, 'trainer-scalar'), portable);
    const [first, again] = await lossesInPage(experiment);
    assert.deepEqual(first, portable);
    assert.deepEqual(again, portable);
  });

  test(`${experiment}: the fast kernels stay within 1 % of the portable ones over ${steps} steps`, () => {
    const portable = lossesInCli(experiment, 'portable');
    const fast = lossesInCli(experiment, 'fast');
    portable.forEach((loss, i) => assert.ok(
        Math.abs(fast[i] - loss) <= 0.01 * loss, `step ${i + 1}: ${fast[i]} against ${loss}`));
  });
}
