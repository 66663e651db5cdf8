// Firefox, on a display of its own. Headless it has no WebGL 2; under Xvfb it has.
import puppeteer from 'puppeteer-core';
import {browserPath} from './browser.mjs';
import {startDisplay} from './display.mjs';
import {decodePng} from './png.mjs';

// {browser, close}
export async function launchFirefox({ratio = 1, reducedMotion = false} = {}) {
  const {display, stop} = await startDisplay(`${1400 * ratio}x${1000 * ratio}x24`);
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: browserPath('firefox'),
    headless: false,
    // Emulating a viewport needs a newer Firefox than Debian's: ask for a window of that size instead.
    defaultViewport: null,
    args: ['--width=1280', '--height=900'],
    env: {...process.env, DISPLAY: display, LIBGL_ALWAYS_SOFTWARE: '1'},
    extraPrefsFirefox: {
      'webgl.force-enabled': true,
      'gfx.webrender.software': true,
      'webgl.enable-software-rendering': true,
      'layout.css.devPixelsPerPx': String(ratio),
      'ui.prefersReducedMotion': reducedMotion ? 1 : 0,
    },
  });
  return {browser, close: () => browser.close().finally(stop)};
}

// Opens the page and waits until it is ready. `problems` collects console errors and uncaught exceptions.
export async function openInFirefox(browser, address) {
  const page = await browser.newPage();
  const problems = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(String(error)));
  await page.goto(address);
  await page.evaluate(() => window.playground.ready.then(() => {}));
  return {page, problems};
}

// An engine for a Visitor: the mouse, in the page itself or in a frame of it.
export function firefoxEngine(page, {frame = page.mainFrame(), place = (at) => at} = {}) {
  return {
    kind: 'mouse',
    place,
    // A whole number of pixels is what Firefox takes.
    move: ({x, y}) => page.mouse.move(Math.round(x), Math.round(y)),
    down: () => page.mouse.down(),
    up: () => page.mouse.up(),
    async wheel({x, y}, deltaX, deltaY) {
      await page.mouse.move(Math.round(x), Math.round(y));
      await page.mouse.wheel({deltaX, deltaY});
    },
    evaluate: (probe, argument) => frame.evaluate(probe, argument),
    async press(name) {
      const keys = name.split('+');
      for (const key of keys) await page.keyboard.down(key);
      for (const key of keys.reverse()) await page.keyboard.up(key);
    },
    type: (text) => page.keyboard.type(text, {delay: 50}),
    screenshot: async (clip) => decodePng(Buffer.from(await page.screenshot({clip}))),
  };
}
