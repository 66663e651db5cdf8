// Every experiment from its default settings, in both browsers: it learns, soon; those that measure show the slopes that
// theory gives. One page for each browser; the experiments follow one another in it.
import {after, again, before, test} from './support/test.mjs';
import assert from 'node:assert/strict';
import {browserPath, launchChromium, openPage, serve} from './support/browser.mjs';
import {launchFirefox, openInFirefox} from './support/firefox.mjs';
import {frameAfter, openExperiment} from './support/scenes.mjs';

const SOON = 3000; // ms from pressing play until the loss is half way from its first value to `goal`

// `goal`: about the loss that each comes to in the end. `steps`: where it is looked at again, a step at which it tests.
// `better`: what its own figures must show by then, before against after.
const learning = {
  classify: {goal: 0, steps: 200, better: {test_accuracy: (a, b) => b > a + 0.2}},
  dynamics: {goal: 0.0002, steps: 200, better: {matrix_error: (a, b) => b < a / 4, extrapolation_mse: (a, b) => b < a / 10}},
  density: {goal: 2.83, steps: 50, better: {w2_squared: (a, b) => b < a / 2, kl: (a, b) => b < a / 3}},
  latent: {goal: -0.2, steps: 100, better: {rmse: (a, b) => b < a / 3, elbo: (a, b) => b > a}},
  filter: {goal: 0.035, steps: 100, better: {test_loss: (a, b, all) => b < all.last_value_loss}},
  events: {goal: 0.0004, steps: 600, better: {gravity_error: (a, b) => b < a / 2, restitution_error: (a, b) => b < a / 2}},
  physics: {goal: 0.0003, steps: 100, better: {energy_error: (a, b) => b < a / 5, trajectory_mse: (a, b) => b < a / 10}},
  digits: {goal: 0, steps: 50, better: {test_accuracy: (a, b) => b > 0.3}},
};

// In the page: how long playing takes until the loss is below `wanted`. The best of three runs, as other programs may
// use the machine too, and the first that is soon enough ends it.
async function timeToLearn({wanted, soon}) {
  const {playground} = window;
  let best = Infinity;
  for (let attempt = 0; attempt < 3 && best > soon; ++attempt) {
    playground.reset({keepSeed: true});
    const began = performance.now();
    const took = await new Promise((resolve) => {
      const stop = playground.on('metrics', ({loss}) => {
        if (loss < wanted) settle();
      });
      const timer = setTimeout(settle, 15000);
      function settle() {
        stop();
        clearTimeout(timer);
        resolve(performance.now() - began);
      }
      playground.play();
    });
    playground.pause();
    best = Math.min(best, took);
  }
  return best;
}

const metrics = (frame) => Object.fromEntries(frame.metrics.map(({name, value}) => [name, value]));
const plotOf = (frame, id) => frame.plots.find((each) => each.id === id);
const curve = (frame, id, label) =>
  plotOf(frame, id).layers.find((each) => each.kind === 'curve' && each.label?.startsWith(label));

function assertDrawn(frame, experiment) {
  assert.ok(frame.plots.length >= 2, `${experiment} has ${frame.plots.length} plots`);
  for (const {id, layers} of frame.plots) {
    const filled = layers.some(({kind, x, y, z}) =>
      kind === 'heatmap' || kind === 'image' ? z.length > 0 : x?.length > 0 && y.some(Number.isFinite));
    assert.ok(filled, `${experiment}: plot ${id} is empty`);
  }
}

// The slope of log y against log x, least squares.
function slope(points) {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)]);
  const mean = (of) => logs.reduce((sum, each) => sum + of(each), 0) / logs.length;
  const x0 = mean(([x]) => x), y0 = mean(([, y]) => y);
  return mean(([x, y]) => (x - x0) * (y - y0)) / mean(([x]) => (x - x0) ** 2);
}
const pairs = ({x, y}) => x.map((each, i) => [each, y[i]]).filter(([, value]) => Number.isFinite(value));

const browsers = {
  Chromium: async (origin) => {
    const browser = await launchChromium();
    const {page, problems} = await openPage(browser, origin);
    return {page, problems, close: () => browser.close()};
  },
  Firefox: async (origin) => {
    const {browser, close} = await launchFirefox();
    return {...await openInFirefox(browser, origin), close};
  },
};

let server;
before(async () => void (server = await serve()));
after(() => server?.close());

for (const [browser, start] of Object.entries(browsers)) {
  const skip = !browserPath(browser.toLowerCase(), {optional: true}) && `no ${browser} here`;
  test(`${browser}: every experiment runs from its defaults`, {skip}, async (context) => {
    const {page, problems, close} = await start(`${server.origin}/?run=click`);
    try {
      const names = await page.evaluate(() => window.playground.experiments().map(({name}) => name));
      assert.deepEqual(names.filter((name) => !learning[name]), ['solvers', 'gradients'], 'each is tested below');

      for (const [name, {goal, steps, better}] of Object.entries(learning))
        await context.test(`${name} learns, and soon`, again(async () => {
          const opened = await page.evaluate(openExperiment, name);
          const frame = await page.evaluate(frameAfter, steps);
          const {y: losses} = curve(frame, 'loss', 'train');
          const wanted = (losses[0] + goal) / 2;
          const took = await page.evaluate(timeToLearn, {wanted, soon: SOON});
          console.log(`${browser}, ${name}: opened in ${(opened.ms / 1000).toFixed(2)} s, loss half way down ` +
            `(${losses[0].toPrecision(3)} to ${wanted.toPrecision(3)}) after ${(took / 1000).toFixed(2)} s`);
          assertDrawn(frame, name);
          const early = metrics(opened.frame), late = metrics(frame);
          assert.ok(late.test_loss < (early.test_loss + goal) / 2, `test loss ${early.test_loss}, then ${late.test_loss}`);
          assert.ok(Math.min(...losses.slice(-5)) < wanted, `the curve of the loss falls: ${losses[0]} to ${losses.at(-1)}`);
          for (const [metric, improves] of Object.entries(better))
            assert.ok(improves(early[metric], late[metric], late), `${metric}: ${early[metric]}, then ${late[metric]}`);
          assert.ok(took < SOON, `the loss is half way down after ${took} ms`);
        }));

      await context.test('solvers: errors fall with the order of the method', again(async () => {
        await page.evaluate(openExperiment, 'solvers');
        const frame = await page.evaluate(frameAfter, 12);
        assertDrawn(frame, 'solvers');
        const found = metrics(frame);
        for (const [label, metric, order] of [['rk4', 'order', 4], ['dopri5', 'other_order', 5]]) {
          const measured = slope(pairs(curve(frame, 'order', label)).slice(-5));
          console.log(`${browser}, solvers: ${label} has slope ${measured.toFixed(2)}, reported ${found[metric].toFixed(2)}`);
          assert.ok(Math.abs(measured - order) < 0.5, `${label}: slope ${measured}`);
          assert.ok(Math.abs(found[metric] - order) < 0.5, `${label}: ${metric} ${found[metric]}`);
        }
        // A step of rk4 evaluates f four times: the same slope against work.
        assert.ok(Math.abs(slope(pairs(curve(frame, 'work', 'rk4')).slice(-5)) + 4) < 0.5);
        assert.equal((await page.evaluate(() => window.playground.metrics())).error, found.error);
      }));

      await context.test('gradients: the error follows the tolerance, memory the strategy', again(async () => {
        await page.evaluate(openExperiment, 'gradients');
        const frame = await page.evaluate(frameAfter, 10);
        assertDrawn(frame, 'gradients');
        for (const label of ['discrete', 'interpolated']) {
          const tight = pairs(curve(frame, 'error', label)).filter(([tolerance]) => tolerance < 2e-4 && tolerance > 5e-10);
          const measured = slope(tight);
          console.log(`${browser}, gradients: ${label} has slope ${measured.toFixed(2)}`);
          assert.ok(measured > 0.8 && measured < 1.4, `${label}: slope ${measured}`);
        }
        // In the order of the plot "error", which names them.
        const names = plotOf(frame, 'error').layers.map(({label}) => label);
        const held = (label) => pairs(plotOf(frame, 'bytes').layers[names.indexOf(label)]).map(([, bytes]) => bytes);
        assert.equal(new Set(held('backsolve')).size, 1, 'backsolve holds as much, however long the solve');
        assert.ok(held('discrete').at(-1) > 4 * held('discrete')[0], 'the discrete gradient holds every step');
        assert.ok(held('4 checkpoints').at(-1) < held('discrete').at(-1), 'checkpoints hold less');
      }));

      assert.deepEqual(problems, []);
    } finally {
      await close();
    }
  });
}
