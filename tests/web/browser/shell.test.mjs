// The shell around the canvas: failures that can be read, data as text, embedding without stealing anything.
import {after, before, test} from './support/test.mjs';
import assert from 'node:assert/strict';
import {createServer} from 'node:http';
import {click, launchChromium, openPage, serve, site, until} from './support/browser.mjs';

let browser, server;
before(async () => {
  server = await serve();
  browser = await launchChromium();
});
after(async () => {
  await browser?.close();
  await server?.close();
});

async function failureText(prepare) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await prepare(page);
  await page.goto(server.origin);
  await page.locator('#failure').waitFor({timeout: 20000});
  const text = await page.locator('#failure').innerText();
  await context.close();
  return text;
}

test('no WebAssembly, no WebGL 2, a missing module, a broken worker: each says so in the page', async () => {
  assert.match(await failureText((page) => page.addInitScript('delete window.WebAssembly')), /no WebAssembly/);
  assert.match(await failureText((page) => page.addInitScript('HTMLCanvasElement.prototype.getContext = () => null')),
               /no WebGL 2/);
  assert.match(await failureText((page) => page.route('**/trainer.wasm', (route) => route.fulfill({status: 404}))),
               /missing on the server/);
  assert.match(await failureText((page) => page.route('**/playground-module.wasm', (route) =>
    route.fulfill({body: 'nonsense'}))), /damaged/);
  assert.match(await failureText((page) => page.route('**/worker.js', (route) => route.fulfill({status: 404}))),
               /worker failed/);
});

test('what its modules need is missing: the page says what, without them, within five seconds', async () => {
  const answer = (pattern, reply) => (page) => page.route(pattern, (route) => route.fulfill(reply));
  const began = Date.now();
  assert.match(await failureText(answer('**/address.js', {status: 404})), /missing[^]*address\.js: HTTP 404/);
  assert.match(await failureText(answer('**/shell.js', {status: 404})), /missing[^]*shell\.js: HTTP 404/);
  assert.match(await failureText(answer('**/playground.js', {contentType: 'text/plain', body: 'export {}'})),
               /playground\.js is sent as text\/plain/);
  assert.ok(Date.now() - began < 15000, `${Date.now() - began} ms for three`);
  assert.match(await failureText(answer('**/trainer.js', {status: 404})), /worker failed[^]*trainer\.js/);
  const policy = (value) => (page) => page.route((url) => url.pathname === '/', async (route) => {
    const response = await route.fetch();
    await route.fulfill({response, headers: {...response.headers(), 'content-security-policy': value}});
  });
  assert.match(await failureText(policy("script-src 'self'; worker-src 'self'")), /forbids WebAssembly[^]*wasm-unsafe-eval/);
  assert.match(await failureText(policy(`script-src ${server.origin}/starting.js`)), /forbids its program[^]*shell\.js/);
});

test('opened as a file, or in a frame without an origin: the page says so', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`file://${site}/index.html`);
  await page.locator('#failure').waitFor({timeout: 6000});
  assert.match(await page.locator('#failure').innerText(), /opened as a file[^]*script\/server/);
  const host = createServer((request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(`<iframe sandbox="allow-scripts" width="800" height="600" src="${server.origin}/"></iframe>`);
  });
  await new Promise((resolve) => host.listen(0, resolve));
  await page.goto(`http://localhost:${host.address().port}/`);
  const frame = page.frameLocator('iframe');
  await frame.locator('#failure').waitFor({timeout: 8000});
  assert.match(await frame.locator('#failure').innerText(), /sandboxed without an origin[^]*allow-same-origin/);
  host.close();
  await context.close();
});

test('without SIMD the scalar trainer is loaded and trains', async () => {
  const {page, context, problems} = await openPage(browser, `${server.origin}/?simd=0&run=auto`);
  await until(page, () => window.playground.metrics().step > 3);
  assert.ok(await page.evaluate(() => performance.getEntriesByType('resource')
    .some(({name}) => name.endsWith('/trainer-scalar.wasm'))));
  assert.deepEqual(problems, []);
  await context.close();
});

test('the second part of the trainer comes with its first experiment, keeps the pace, and gives way again', async () => {
  const {page, context, problems} = await openPage(browser, `${server.origin}/?run=click#experiment=classify`);
  const asked = [];
  context.on('request', (request) => asked.push(...new URL(request.url()).pathname.match(/trainer-later.*/) ?? []));
  await page.evaluate(() => window.playground.step(2));
  assert.deepEqual(asked, []);
  await page.evaluate(() => window.playground.set({experiment: 'solvers'}));
  assert.equal((await page.evaluate(() => window.playground.step(3))).step, 3);
  await until(page, () => window.playground.frame()?.plots.some(({id}) => id === 'stability'));
  assert.deepEqual(asked.sort(), ['trainer-later.js', 'trainer-later.wasm']);
  const interrupted = page.evaluate(() => window.playground.step(1000));
  await page.evaluate(() => window.playground.set({experiment: 'classify'}));
  assert.equal((await interrupted).interrupted, true);
  assert.equal((await page.evaluate(() => window.playground.step(5))).step, 5);
  assert.deepEqual(problems, []);
  await context.close();
});

test('a second part that does not come is told, is tried again by Play, and the first goes on', async () => {
  const {page, context} = await openPage(browser, `${server.origin}/?run=click#experiment=classify`);
  await page.route('**/trainer-later.wasm', (route) => route.fulfill({status: 404}));
  const told = page.evaluate(() => new Promise((resolve) => window.playground.on('error', resolve)));
  await page.evaluate(() => window.playground.set({experiment: 'solvers'}));
  assert.match(JSON.stringify(await told), /'solvers' could not be loaded/);
  await assert.rejects(page.evaluate(() => window.playground.step(1)), /could not be loaded[^]*HTTP 404/);
  assert.match(await page.evaluate(() => window.playground.get().problem), /Play tries again/);
  await page.evaluate(() => window.playground.play());
  await until(page, () => !window.playground.get().running);
  await page.unroute('**/trainer-later.wasm');
  await page.evaluate(() => window.playground.play());
  await until(page, () => window.playground.metrics().step > 0 && window.playground.get().problem === '');
  await page.evaluate(() => window.playground.set({experiment: 'classify'}));
  assert.equal((await page.evaluate(() => window.playground.step(2))).step, 2);
  await page.evaluate(() => window.playground.set({experiment: 'solvers'}));
  assert.equal((await page.evaluate(() => window.playground.step(2))).step, 2);
  await context.close();
});

test('the second part of the trainer may come under any MIME type', async () => {
  const {page, context} = await openPage(browser, `${server.origin}/?run=click#experiment=classify`);
  await page.route('**/trainer-later.wasm', async (route) => {
    const response = await route.fetch();
    await route.fulfill({response, headers: {...response.headers(), 'content-type': 'application/octet-stream'}});
  });
  await page.evaluate(() => window.playground.set({experiment: 'solvers'}));
  assert.equal((await page.evaluate(() => window.playground.step(2))).step, 2);
  await context.close();
});

test('a worker that the browser ends is missed at once: the page says so, and nobody waits for it', async () => {
  const {page, context} = await openPage(browser, `${server.origin}/?run=click#experiment=classify`);
  const waiting = assert.rejects(page.evaluate(() => window.playground.step(1e6)), /ended its worker/);
  await page.waitForTimeout(300);
  await page.workers()[0].evaluate(() => self.close());
  await waiting;
  await page.locator('#failure').waitFor({timeout: 5000});
  assert.match(await page.locator('#failure').innerText(), /ended its worker/);
  await assert.rejects(page.evaluate(() => window.playground.step(1)), /ended its worker/);
  await context.close();
});

test('a figure that nobody sees gets ready, and takes the steps that are waited for', async () => {
  const context = await browser.newContext({viewport: {width: 900, height: 600}});
  const page = await context.newPage();
  for (const style of ['display: none', 'position: absolute; top: 9000px']) {
    await page.goto(`${server.origin}/`);
    await page.evaluate(([style, address]) => {
      document.documentElement.innerHTML = `<iframe style="${style}" width="640" height="400" src="${address}"></iframe>`;
    }, [style, '/?embed=1#experiment=classify']);
    const frame = page.frames().at(-1);
    const step = frame.waitForFunction(() => window.playground, undefined, {timeout: 20000, polling: 100}).then(() => frame.evaluate(async () => {
      await window.playground.ready;
      const {step} = await window.playground.step(5);
      window.playground.play();
      await new Promise((resolve) => setTimeout(resolve, 500));
      return [step, window.playground.metrics().step];
    }));
    assert.deepEqual(await step, [5, 5], style);
  }
  await context.close();
});

test('the data dialog: what is malformed stays to be put right, what is right is used', async () => {
  const {page, context} = await openPage(browser, `${server.origin}/?run=click#experiment=classify`);
  await click(page, 'open_data');
  const text = page.locator('#data-text');
  await text.waitFor();
  await text.fill('0,0,0\n1,oops,1');
  await page.locator('#data-use').click();
  await page.waitForFunction(() => document.getElementById('data-error').textContent.includes('line 2, column 2'));
  assert.equal(await text.inputValue(), '0,0,0\n1,oops,1');
  await text.fill(Array.from({length: 40}, (_, i) => `${i / 40},${i % 2},${i % 2}`).join('\n'));
  await page.locator('#data-use').click();
  await until(page, () => window.playground.get().values.data === 'own' && window.playground.get().ownData);
  assert.equal(await page.locator('#data-dialog').isVisible(), false);
  await context.close();
});

test('the address follows the state, and editing it by hand is followed', async () => {
  const {page, context} = await openPage(browser, `${server.origin}/?run=click&experiment=classify&hidden=12`);
  await page.evaluate(() => void window.playground.set({noise: 0.1, seed: 6}));
  await until(page, () => location.hash.includes('noise=0.1') && location.hash.includes('seed=6'));
  assert.equal(new URL(page.url()).search, '?run=click');
  assert.ok(page.url().includes('hidden=12'));
  await page.evaluate(() => { location.hash = '#experiment=dynamics&seed=2'; });
  await until(page, () => window.playground.get().experiment === 'dynamics' && window.playground.get().seed === 2);
  await context.close();
});

test('Share puts the link on the clipboard', async () => {
  const {page, context} = await openPage(browser, `${server.origin}/?run=click#experiment=classify&seed=8`);
  await click(page, 'copy_link');
  await until(page, () => window.playground.get().notes.some((note) => note.includes('clipboard')));
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /#v=1&experiment=classify&seed=8/);
  await context.close();
});

test('the status line tells what the canvas shows', async () => {
  const {page, context} = await openPage(browser, `${server.origin}/?run=auto#experiment=classify`);
  await until(page, () => document.getElementById('status').textContent.length > 20);
  await context.close();
});

test('embedded: two frames on one page wait for a click and leave scroll, wheel, focus and keys alone', async () => {
  const frame = (name) =>
    `<iframe name="${name}" src="${server.origin}/?embed=1#experiment=classify" style="width:600px;height:400px;border:0"></iframe>`;
  const host = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(
      `<body style="margin:0;height:4000px"><input id="field">${frame('a')}${frame('b')}</body>`));
  await new Promise((resolve) => host.listen(0, '127.0.0.1', resolve));
  const context = await browser.newContext({viewport: {width: 1300, height: 800}});
  const page = await context.newPage();
  try {
    await page.goto(`http://localhost:${host.address().port}`);
    await page.locator('#field').focus();
    for (const name of ['a', 'b']) {
      const inner = page.frame(name);
      await inner.waitForFunction(() => window.playground?.ready.then(() => true));
      assert.equal(await inner.evaluate(() => window.playground.get().running), false);
    }
    assert.equal(await page.evaluate(() => document.activeElement.id), 'field');
    await page.keyboard.type('hello');
    assert.equal(await page.locator('#field').inputValue(), 'hello');
    await page.mouse.move(300, 200);
    await page.mouse.wheel(0, 240);
    await page.waitForFunction(() => scrollY > 100);
  } finally {
    await context.close();
    host.close();
  }
});
