// The page in WebKit, Safari's engine: it trains to the bits of Chromium, every kind of widget reacts, drawing lands.
import {after, before, test} from './support/test.mjs';
import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {launchChromium, openPage, screenshots, serve} from './support/browser.mjs';
import {frameMapping, serveHost, styles} from './support/frames.mjs';
import {closesHint, draws, drawsDigit, everyWidget, letGoBeside, movesTime, start, trains} from './support/tour.mjs';
import {Visitor} from './support/visitor.mjs';
import {launchWebKit, watched, webkitEngine} from './support/webkit.mjs';

let server, site, host;
before(async () => {
  server = await serve();
  site = await watched(server);
  host = await serveHost();
});
after(async () => {
  await site?.close();
  await server?.close();
  await host?.close();
});

// A window of WebKit with the page, or with one of another origin and the page in its frame.
async function visit(body, {address = start, style, ratio = 1} = {}) {
  const browser = await launchWebKit({ratio});
  try {
    const page = `${site.origin}/${address}`, framed = style !== undefined;
    await browser.goto(framed ? `${host.origin}/?${new URLSearchParams({address: page, style})}` : page);
    let engine = webkitEngine(browser, {ratio, frame: framed ? '#frame' : null});
    await new Visitor(engine).until(() => Boolean(window.playground));
    await engine.evaluate(() => window.playground.ready.then(() => {}));
    let mapping = {};
    if (framed) {
      const outside = async (probe) => (await browser.enter(null), browser.evaluate(probe));
      await outside(() => scrollTo(0, 300));
      mapping = await frameMapping(engine.evaluate, outside);
      engine = webkitEngine(browser, {ratio, frame: '#frame', place: mapping.place});
    }
    const visitor = new Visitor(engine);
    await visitor.until(() => window.playground.widgets().find(({id}) => id === 'time')?.value === '1.00');
    await body(visitor, {browser, ...mapping});
    assert.deepEqual(await visitor.evaluate(() => window.problems), []);
  } finally {
    await browser.close();
  }
}

test('WebKit: the page trains, without complaint, to the bits of Chromium', {timeout: 120000}, async () => {
  const address = '?run=click#experiment=classify&seed=7', steps = 100;
  const losses = async (count) => (await window.playground.step(count)).losses;
  const chromium = await launchChromium();
  const {page} = await openPage(chromium, `${server.origin}/${address}`);
  const wanted = await page.evaluate(losses, steps);
  await chromium.close();
  await visit(async (visitor, {browser}) => {
    assert.deepEqual(await visitor.evaluate(losses, steps), wanted);
    assert.equal(wanted.length, steps);
    await visitor.evaluate(() => window.playground.play());
    await visitor.until(() => window.playground.metrics().step > 150, undefined, 60000);
    writeFileSync(join(screenshots, 'webkit.png'), await browser.screenshot());
  }, {address});
});

// ALL_SCREENS=1: at another ratio and in a frame, too (screens.test.mjs).
const all = Boolean(process.env.ALL_SCREENS);
for (const ratio of all ? [1, 2] : [1]) {
  test(`WebKit: every kind of widget reacts, and drawing lands where it is pressed, ratio ${ratio}`, {timeout: 240000}, async () => {
    await visit(async (visitor) => {
      await everyWidget(visitor);
      await draws(visitor);
      await drawsDigit(visitor);
    }, {ratio});
  });
}

test('WebKit: in a scaled frame of another origin controls react, drawing lands, and a drag may end beside it', {skip: !all, timeout: 240000}, async () => {
  await visit(async (visitor, {box}) => {
    for (const part of [closesHint, trains, movesTime]) await part(visitor);
    await letGoBeside(visitor, box);
    await draws(visitor);
  }, {style: styles['scaled by a transform to 0.75'], ratio: 2});
});
