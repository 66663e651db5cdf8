// Firefox, on a display of its own. Headless it has no WebGL 2; under Xvfb it has.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import puppeteer from 'puppeteer-core';
import {browserPath} from './browser.mjs';

// Xvfb picks a free display and writes its number to file descriptor 3.
async function startDisplay() {
  if (process.env.DISPLAY) return {display: process.env.DISPLAY, stop: () => {}};
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1400x1000x24', '-nolisten', 'tcp'],
                       {stdio: ['ignore', 'ignore', 'ignore', 'pipe']});
  const [number] = await once(server.stdio[3], 'data');
  return {display: `:${String(number).trim()}`, stop: () => server.kill()};
}

// {browser, close}
export async function launchFirefox() {
  const {display, stop} = await startDisplay();
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
