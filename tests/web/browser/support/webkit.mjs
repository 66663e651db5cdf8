// WebKit, Safari's engine: Debian's MiniBrowser, driven by plain WebDriver, on a display of its own.
import {spawn} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {createServer as createHttpServer} from 'node:http';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {browserPath} from './browser.mjs';
import {startDisplay} from './display.mjs';
import {crop, decodePng} from './png.mjs';

// Each release of Debian has another: /usr/lib/TRIPLET/webkit2gtk-4.1/MiniBrowser or webkitgtk-6.0/MiniBrowser.
export function findMiniBrowser() {
  if (process.env.MINIBROWSER) return process.env.MINIBROWSER;
  for (const triplet of readdirSync('/usr/lib'))
    if (triplet.includes('-linux-gnu'))
      for (const folder of readdirSync(join('/usr/lib', triplet)).filter((name) => /^webkit2?gtk-\d/.test(name)).sort().reverse()) {
        const found = join('/usr/lib', triplet, folder, 'MiniBrowser');
        if (existsSync(found)) return found;
      }
  throw new Error('no MiniBrowser: apt-get install webkit2gtk-driver');
}

const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const {port} = server.address();
    server.close(() => resolve(port));
  });
});

// A window of this size, little motion and this device pixel ratio (a whole number):
//   goto(address)  evaluate(function, argument)  enter(frame's selector, or null)
//   pointer(type, ...actions) of WebDriver  wheel(at, dx, dy)  press(key)  type(text)  screenshot() of the window  close()
export async function launchWebKit({width = 1280, height = 800, ratio = 1} = {}) {
  const {display, stop} = await startDisplay(`${ratio * 1400}x${ratio * 1000}x24`);
  const port = await freePort();
  const settings = mkdtempSync(join(tmpdir(), 'neural-ode-webkit-'));
  mkdirSync(join(settings, 'gtk-3.0'));
  mkdirSync(join(settings, 'gtk-4.0'));
  for (const version of ['gtk-3.0', 'gtk-4.0'])
    writeFileSync(join(settings, version, 'settings.ini'), '[Settings]\ngtk-enable-animations=false\n');
  const driver = spawn(browserPath('webkit'), [`--port=${port}`], {
    stdio: 'ignore',
    env: {...process.env, DISPLAY: display, XDG_CONFIG_HOME: settings, GDK_BACKEND: 'x11', GDK_SCALE: String(ratio), LIBGL_ALWAYS_SOFTWARE: '1',
          WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1'},
  });
  const end = async () => {
    driver.kill();
    stop();
    rmSync(settings, {recursive: true, force: true});
  };
  const send = async (method, path, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {method, body: body && JSON.stringify(body)});
    const {value} = await answer.json();
    if (!answer.ok) throw new Error(`${path}: ${value.error}: ${value.message}`);
    return value;
  };
  for (let i = 0; !(await send('GET', '/status').catch(() => null)); ++i) {
    if (i > 100) throw new Error('WebKitWebDriver does not answer');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  let base;
  try {
    const options = {binary: findMiniBrowser(), args: ['--automation']};
    const {sessionId} = await send('POST', '/session',
                                   {capabilities: {alwaysMatch: {'webkitgtk:browserOptions': options}}});
    base = `/session/${sessionId}`;
    await send('POST', `${base}/timeouts`, {script: 120000, pageLoad: 120000});
    // The bars of the browser take some of it.
    await send('POST', `${base}/window/rect`, {x: 0, y: 0, width, height: height + 38});
  } catch (error) {
    await end();
    throw error;
  }
  const run = async (probe, argument) => {
    const script = `const done = arguments[1];
      Promise.resolve().then(() => (${probe})(arguments[0])).then((value) => done({value}), (error) => done({error: String(error)}));`;
    const {value, error} = await send('POST', `${base}/execute/async`, {script, args: [argument ?? null]});
    if (error) throw new Error(error);
    return value ?? undefined;
  };
  let inside = null;
  const enter = async (selector) => {
    if (selector === inside) return;
    await send('POST', `${base}/frame`, {id: null});
    inside = null;
    if (selector === null) return;
    const found = await send('POST', `${base}/element`, {using: 'css selector', value: selector});
    await send('POST', `${base}/frame`, {id: found});
    inside = selector;
  };
  const act = (type, parameters, actions) =>
    send('POST', `${base}/actions`, {actions: [{type, id: type + (parameters?.pointerType ?? ''), parameters, actions}]});
  const keys = {Enter: '\uE007', Escape: '\uE00C', Control: '\uE009', Tab: '\uE004'};
  return {
    enter,
    evaluate: run,
    goto: (address) => send('POST', `${base}/url`, {url: address}),
    pointer: (pointerType, ...actions) => act('pointer', {pointerType}, actions),
    wheel: ({x, y}, deltaX, deltaY) => act('wheel', undefined, [{type: 'scroll', x, y, deltaX, deltaY, duration: 0, origin: 'viewport'}]),
    press: (name) => {
      const parts = name.split('+').map((key) => keys[key] ?? key);
      return act('key', undefined, [...parts.map((value) => ({type: 'keyDown', value})), {type: 'pause', duration: 40},
                                    ...parts.reverse().map((value) => ({type: 'keyUp', value}))]);
    },
    type: (text) => act('key', undefined, [...text].flatMap((value) =>
      [{type: 'keyDown', value}, {type: 'pause', duration: 40}, {type: 'keyUp', value}])),
    screenshot: async () => Buffer.from(await send('GET', `${base}/screenshot`), 'base64'),
    async close() {
      await send('DELETE', base).catch(() => {});
      await end();
    },
  };
}

// An engine for a Visitor: the mouse, in the page itself or in a frame of it.
export function webkitEngine(browser, {frame = null, place = (at) => at, ratio = 1} = {}) {
  let last = Promise.resolve();  // one after another: the driver refuses two at a time
  const act = (...actions) => (last = last.then(async () => {
    await browser.enter(null);
    return browser.pointer('mouse', ...actions);
  }));
  return {
    kind: 'mouse',
    place,
    move: ({x, y}) => act({type: 'pointerMove', x: Math.round(x), y: Math.round(y), duration: 0}),
    down: () => act({type: 'pointerDown', button: 0}),
    up: () => act({type: 'pointerUp', button: 0}),
    async wheel({x, y}, dx, dy) {
      await browser.enter(null);
      return browser.wheel({x: Math.round(x), y: Math.round(y)}, dx, dy);
    },
    async evaluate(probe, argument) {
      await browser.enter(frame);
      return browser.evaluate(probe, argument);
    },
    press: (key) => browser.press(key),
    type: (text) => browser.type(text),
    async screenshot({x, y, width, height}) {
      await browser.enter(null);
      return crop(decodePng(await browser.screenshot()), {x: x * ratio, y: y * ratio, width: width * ratio, height: height * ratio});
    },
  };
}

// The site with what a page complains about collected in `window.problems`, from its first line on: {origin, close}.
export async function watched(site) {
  const hook = `window.problems = [];
    addEventListener('error', (event) => window.problems.push(String(event.message)));
    addEventListener('unhandledrejection', (event) => window.problems.push(String(event.reason)));
    const {error} = console;
    console.error = (...words) => (window.problems.push(words.join(' ')), error(...words));`;
  const server = createHttpServer(async (request, response) => {
    const {pathname} = new URL(request.url, site.origin);
    if (pathname === '/watch.js') return response.setHeader('Content-Type', 'text/javascript').end(hook);
    const found = await fetch(site.origin + request.url);
    let body = Buffer.from(await found.arrayBuffer());
    if (pathname === '/') body = String(body).replace('<head>', '<head><script src="watch.js"></script>');
    response.statusCode = found.status;
    response.setHeader('Content-Type', found.headers.get('content-type') ?? 'application/octet-stream');
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
