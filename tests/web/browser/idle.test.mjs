// Paused, with t held, no experiment draws anything: an open page costs nothing.
import {test} from './support/test.mjs';
import assert from 'node:assert/strict';
import {launchChromium, openPage, serve, until} from './support/browser.mjs';
import {openExperiment, scenes} from './support/scenes.mjs';

// In the page: whether so many displayed frames in a row come in which nothing is drawn. (Not the first ones: reading the
// state draws once more, and so does what is told to screen readers every five seconds.)
const rests = (wanted) => new Promise((resolve) => {
  const began = performance.now();
  let last = window.draws, frames = 0;
  const tick = () => {
    frames = window.draws === last ? frames + 1 : 0;
    last = window.draws;
    if (frames >= wanted || performance.now() - began > 20000) resolve(frames >= wanted);
    else requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
});

test('paused, with t held, every experiment rests', async () => {
  const server = await serve();
  const browser = await launchChromium();
  try {
    const {page} = await openPage(browser, `${server.origin}/?run=click`);
    await page.evaluate(() => {
      window.draws = 0;
      for (const name of ['drawElements', 'drawArrays']) {
        const draw = WebGL2RenderingContext.prototype[name];
        WebGL2RenderingContext.prototype[name] = function (...words) {
          ++window.draws;
          return draw.apply(this, words);
        };
      }
    });
    await page.locator('#canvas').focus();
    for (const name of Object.keys(scenes)) {
      await page.evaluate(openExperiment, name);
      await page.evaluate(() => window.playground.step(2));
      await until(page, () => window.playground.frame()?.step === 2 && window.draws > 0);
      await page.keyboard.press(',', {delay: 60});  // t is held where it is
      await until(page, () => window.playground.widgets().find(({id}) => id === 'time.play')?.label !== 'Hold t');
      assert.ok(await page.evaluate(rests, 60), `${name} goes on drawing`);
    }
  } finally {
    await browser.close();
    await server.close();
  }
});
