// The playground in a frame of a page of another origin: scrolled, scaled by CSS, at several device pixel ratios.
import {after, before, test} from './support/test.mjs';
import assert from 'node:assert/strict';
import {browsersByRatio, serve} from './support/browser.mjs';
import {frameMapping, serveHost, styles} from './support/frames.mjs';
import {chromiumEngine} from './support/gestures.mjs';
import {closesHint, draws, hero, letGoBeside, movesTime, setsParameters, start, trains} from './support/tour.mjs';
import {middle, Visitor, within} from './support/visitor.mjs';

// A frame of another origin has the ratio of the device, not an emulated one.
const browsers = browsersByRatio();
// DevTools hands each mouse event to the process of what lies under it, where a real mouse stays with the frame that it was
// pressed in: frames and host share a process where a drag crosses the edge. They are of different origins all the same.
const undivided = browsersByRatio(['--disable-site-isolation-trials']);
let server, host;
before(async () => {
  server = await serve();
  host = await serveHost();
});
after(async () => {
  await browsers.close();
  await undivided.close();
  await server?.close();
  await host?.close();
});

// The host, scrolled by 300 pixels, with the page in its frame, given to somebody.
async function visit(body, {address = start, style = '', ratio = 1, pointer = 'mouse', scroll = 300, from = browsers} = {}) {
  const browser = await from.at(ratio);
  const context = await browser.newContext({viewport: null, hasTouch: pointer === 'touch', reducedMotion: 'reduce', colorScheme: 'dark'});
  const page = await context.newPage();
  const problems = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(String(error)));
  try {
    await page.goto(`${host.origin}/?${new URLSearchParams({address: `${server.origin}/${address}`, style})}`);
    const frame = await (await page.waitForSelector('#frame')).contentFrame();
    await frame.waitForFunction(() => window.playground?.ready.then(() => true), undefined, {timeout: 60000});
    await page.evaluate((y) => scrollTo(0, y), scroll);
    await page.waitForFunction((y) => scrollY === y, scroll);
    const mapping = await frameMapping((probe) => frame.evaluate(probe), (probe) => page.evaluate(probe));
    const visitor = new Visitor(await chromiumEngine(page, {pointer, frame, place: mapping.place}));
    await visitor.until(() => window.playground.widgets().some(({id}) => id === 'play'));
    await body(visitor, {page, frame, ...mapping});
    assert.deepEqual(problems, []);
  } finally {
    await context.close();
  }
}

// Every style with every ratio and pointer: ALL_SCREENS=1. Otherwise each style once as it is and once embedded, at different
// ratios and by different pointers, and the lists and fields of parameters in the first.
const all = Boolean(process.env.ALL_SCREENS);
const ratios = [1, 1.5, 2], pointers = ['mouse', 'touch'];
const chosen = (index) => all
  ? ratios.flatMap((ratio) => pointers.map((pointer) => ({ratio, pointer})))
  : [{ratio: ratios[index % 3], pointer: pointers[index % 2]}];

for (const [i, [name, style]] of Object.entries(styles).entries()) {
  const parts = [closesHint, trains, movesTime, ...(all || i === 0 ? [setsParameters] : [])];
  for (const {ratio, pointer} of chosen(i))
    test(`in a frame ${name}, controls react, by ${pointer}, ratio ${ratio}`, async () => {
      await visit(async (visitor) => {
        for (const part of parts) await part(visitor);
      }, {style, ratio, pointer});
    });

  for (const {ratio, pointer} of chosen(i + 1))
    test(`embedded in a frame ${name}, controls react and drawing lands where it is pressed, by ${pointer}, ratio ${ratio}`, async () => {
      await visit(async (visitor) => {
        for (const part of [trains, movesTime, draws]) await part(visitor);
      }, {address: '?embed=1#experiment=classify&seed=3', style, ratio, pointer});
    });

  for (const {ratio, pointer} of chosen(i + 1))
    test(`in a frame ${name}, a drag let go over the page around it leaves the value there, by ${pointer}, ratio ${ratio}`, async () => {
      await visit(async (visitor, {box}) => {
        await closesHint(visitor);
        await letGoBeside(visitor, box);
      }, {style, ratio, pointer, from: undivided});
    });
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// After a page has scrolled, Chromium gives what the mouse does over a frame to the page around it for a while.
async function reaches(visitor, at) {
  if (visitor.finger) return;
  await visitor.evaluate(() => addEventListener('pointermove', () => { window.reached = true; }, {once: true}));
  for (let i = 0; !(await visitor.evaluate(() => window.reached)); ++i) {
    assert.ok(i < 200, 'the mouse reaches the frame');
    await visitor.engine.move(visitor.engine.place({x: at.x + i % 2, y: at.y}));
    await pause(50);
  }
}

for (const pointer of ['mouse', 'touch']) {
  test(`an embed at rest lets the page around it scroll, by ${pointer}; a press on it takes the pointer, one beside it gives it back`, {skip: pointer === 'touch' && !all}, async () => {
    await visit(async (visitor, {page, frame, box}) => {
      const centre = {x: box.x + box.width / 2, y: box.y + box.height / 2};
      const scrolled = () => page.evaluate(() => scrollY);
      const active = () => frame.evaluate(() => document.documentElement.classList.contains('active'));
      const swipe = async () => {
        if (!visitor.finger) return visitor.engine.wheel(centre, 0, 120);
        await visitor.engine.down(centre);
        for (let y = 10; y <= 120; y += 10) {
          await visitor.engine.move({x: centre.x, y: centre.y - y}).catch(() => {});
          await pause(16);
        }
        await visitor.engine.up().catch(() => {});  // a touch that scrolls the page is the browser's
      };
      await swipe();
      await page.waitForFunction(() => scrollY > 340);
      await pause(500);
      await page.evaluate(() => scrollTo(0, 300));
      await page.waitForFunction(() => scrollY === 300);
      assert.equal(await active(), false);
      const plot = await hero(visitor), place = {...within(plot, 0.45, 0.45), width: plot.width / 10, height: plot.height / 10};
      const whole = await visitor.picture(place);
      await reaches(visitor, within(plot, 0.5, 0.3));
      await visitor.tap(within(plot, 0.5, 0.3));
      await visitor.until(() => document.documentElement.classList.contains('active'));
      await visitor.zoom(middle(place), 2);
      assert.ok(!(await visitor.picture(place)).equals(whole), 'the picture is enlarged');
      await swipe();
      await pause(300);
      assert.equal(await scrolled(), 300, 'the page around it does not scroll');
      await visitor.engine.move?.({x: 40, y: 60});
      await visitor.engine.down({x: 40, y: 60});
      await visitor.engine.up({x: 40, y: 60});
      await visitor.until(() => !document.documentElement.classList.contains('active'));
      await swipe();
      await page.waitForFunction(() => scrollY > 340);
    }, {address: '?embed=1#experiment=classify&seed=3', ratio: 2, pointer});
  });
}

test('Tab goes from the page around a frame into it, and out of it again', async () => {
  await visit(async (_, {page, frame}) => {
    await page.locator('#before').focus();
    // Each document by itself: the two of them learn at different times where the keyboard has gone.
    const focused = () => (document.hasFocus() ? document.activeElement.id : '');
    const seen = ['before'];
    for (const wanted of ['canvas', 'after']) {
      await page.keyboard.press('Tab');
      let now;
      for (const began = Date.now(); Date.now() - began < 10000 && now !== wanted;)
        now = [await page.evaluate(focused), await frame.evaluate(focused)].find((id) => !['', 'frame'].includes(id));
      seen.push(now);
    }
    assert.deepEqual(seen, ['before', 'canvas', 'after']);
    assert.equal(await frame.evaluate(() => visualViewport.scale), 1);
  }, {address: '?embed=1#experiment=classify&seed=3'});
});
