// A static server for the built site and Chromium, for the tests of the real page.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {createServer} from 'node:http';
import {mkdirSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {join, resolve} from 'node:path';
import sirv from 'sirv';
import {chromium} from 'playwright-core';

export const root = fileURLToPath(new URL('../../../../', import.meta.url));
export const screenshots = join(root, 'build', 'screenshots');
mkdirSync(screenshots, {recursive: true});
// NEURAL_ODE_SITE in the environment: a site that was built elsewhere (script/test-toolchains).
export const site = resolve(process.env.NEURAL_ODE_SITE || join(root, 'build', 'site'));

// The path of chromium, firefox or webkit (script/find-browser); without one an Error, or '' where that is `optional`.
export function browserPath(name, {optional = false} = {}) {
  try {
    return execFileSync(join(root, 'script', 'find-browser'), [name], {encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']}).trim();
  } catch (error) {
    if (optional) return '';
    throw new Error(error.stderr.trim());
  }
}

// Serves a folder on a free port, with these headers: {origin, close}.
export async function serve(folder = site, headers = {}) {
  const setHeaders = (response) => Object.entries(headers).forEach(([name, value]) => response.setHeader(name, value));
  const files = sirv(folder, {dev: true, setHeaders});
  const server = createServer((request, response) =>
    files(request, response, () => {
      response.statusCode = 404;
      response.end('not found');
    }),
  );
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

export function launchChromium(more = []) {
  return chromium.launch({
    executablePath: browserPath('chromium'),
    args: [
      '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--use-gl=angle', '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader', ...more,
    ],
  });
}

// Browsers whose devices have a ratio of their own: nothing is emulated but the size. One at a time.
export function browsersByRatio(more = []) {
  let open = null;
  return {
    async at(ratio) {
      if (open?.ratio !== ratio) {
        await open?.browser.close();
        open = {ratio, browser: await launchChromium([`--force-device-scale-factor=${ratio}`, '--window-size=1280,900', ...more])};
      }
      return open.browser;
    },
    close: () => open?.browser.close(),
  };
}

// Opens the page and waits until it is ready. `problems` collects console errors and uncaught exceptions.
export async function openPage(browser, address, options = {}) {
  const context = await browser.newContext({
    // Null: the browser's own window, and the ratio of its device.
    ...(options.viewport === null ? {viewport: null} :
      {viewport: options.viewport ?? {width: 1280, height: 800}, deviceScaleFactor: options.dpr ?? 1}),
    colorScheme: options.theme ?? 'dark',
    hasTouch: options.touch ?? false,
    reducedMotion: options.reducedMotion ?? 'no-preference',
  });
  await options.prepare?.(context);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']).catch(() => {});
  const page = await context.newPage();
  if (options.size) await setSize(page, options.size);
  const problems = [];
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  await page.goto(address);
  // Not evaluate: the context of a page that has only just loaded may be replaced under it.
  await page.waitForFunction(() => window.playground?.ready.then(() => true), undefined, {timeout: 60000});
  return {page, context, problems};
}

const emulations = new WeakMap();  // a session each: of two that emulate, neither wins

// The size of the window, at the ratio of the device unless another is emulated.
export async function setSize(page, {width, height}, ratio = 0) {
  if (!emulations.has(page)) emulations.set(page, await page.context().newCDPSession(page));
  await emulations.get(page).send('Emulation.setDeviceMetricsOverride', {width, height, deviceScaleFactor: ratio, mobile: false});
}

// Opens the page, runs the body, and demands that nothing was complained about on the console.
export async function visitPage(browser, address, body, options = {}) {
  const opened = await openPage(browser, address, options);
  try {
    await body(opened.page, opened);
    assert.deepEqual(opened.problems, []);
  } finally {
    await opened.context.close();
  }
}

// Waits until `probe` (run in the page) is truthy and returns its value.
export async function until(page, probe, argument, timeout = 30000) {
  const handle = await page.waitForFunction(probe, argument, {timeout, polling: 50});
  return handle.jsonValue();
}

// The widget with this id, in CSS pixels.
export async function widget(page, id) {
  return until(page, (wanted) => window.playground.widgets().find((each) => each.id === wanted), id);
}

// A real click in its middle (or at a fraction of its width and height).
export async function click(page, id, fx = 0.5, fy = 0.5) {
  const {x, y, width, height} = await widget(page, id);
  await page.mouse.move(x + fx * width, y + fy * height);
  await page.mouse.down();
  await page.waitForTimeout(60);
  await page.mouse.up();
  await page.waitForTimeout(60);
}

// Presses in one place of the screen and lets go in another.
export async function drag(page, from, to) {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.waitForTimeout(60);
  await page.mouse.move(to.x, to.y, {steps: 8});
  await page.waitForTimeout(60);
  await page.mouse.up();
  await page.waitForTimeout(60);
}

// What is drawn within {x, y, width, height}, as PNG, once it rests: two pictures in a row are the same.
export async function picture(page, clip) {
  let last = null;
  for (let i = 0; i < 60; ++i) {
    const now = await page.screenshot({clip});
    if (last?.equals(now)) return now;
    last = now;
    await page.waitForTimeout(150);
  }
  throw new Error('the picture does not come to rest');
}
