// The page in Firefox: it loads without complaint, trains, and draws. Headless Firefox has no WebGL 2; under Xvfb it has:
//   LIBGL_ALWAYS_SOFTWARE=1 xvfb-run -a node --test tests/web/firefox.test.mjs
// Without a display this file starts Xvfb for itself.
import {test} from 'node:test';
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import puppeteer from 'puppeteer-core';
import {screenshots, serve} from './support/browser.mjs';

// Xvfb picks a free display and writes its number to file descriptor 3.
async function startDisplay() {
  if (process.env.DISPLAY) return {display: process.env.DISPLAY, stop: () => {}};
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1400x1000x24', '-nolisten', 'tcp'],
                       {stdio: ['ignore', 'ignore', 'ignore', 'pipe']});
  const [number] = await once(server.stdio[3], 'data');
  return {display: `:${String(number).trim()}`, stop: () => server.kill()};
}

test('Firefox: the page loads, trains, and the picture changes', {timeout: 120000}, async () => {
  const server = await serve();
  const {display, stop} = await startDisplay();
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    headless: false,
    // Emulating a viewport needs a newer Firefox than Debian's: ask for a window of that size instead.
    defaultViewport: null,
    args: ['--width=1280', '--height=900'],
    env: {...process.env, DISPLAY: display, LIBGL_ALWAYS_SOFTWARE: '1'},
    extraPrefsFirefox: {
      'webgl.force-enabled': true,
      'gfx.webrender.software': true,
      'webgl.enable-software-rendering': true,
    },
  });
  try {
    const page = await browser.newPage();
    const problems = [];
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(String(error)));
    await page.goto(`${server.origin}/?run=auto#experiment=classify&seed=1`);
    await page.evaluate(() => window.playground.ready.then(() => {}));
    await page.waitForFunction(() => window.playground.metrics().step > 5, {timeout: 60000, polling: 100});
    const early = await page.evaluate(() => window.playground.metrics().loss);
    const before = await page.screenshot();
    await page.waitForFunction(() => window.playground.metrics().step > 150, {timeout: 60000, polling: 100});
    const late = await page.evaluate(() => window.playground.metrics().loss);
    const after = await page.screenshot({path: join(screenshots, 'firefox.png')});
    assert.ok(late < early, `${late} < ${early}`);
    assert.ok(!Buffer.from(before).equals(Buffer.from(after)), 'pixels changed');
    assert.deepEqual(problems, []);
  } finally {
    await browser.close();
    stop();
    await server.close();
  }
});
