// The page in Firefox: it loads without complaint, trains, and draws.
import {after, before, test} from './support/test.mjs';
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {screenshots, serve} from './support/browser.mjs';
import {firefoxEngine, launchFirefox, openInFirefox} from './support/firefox.mjs';
import {frameMapping, serveHost, styles} from './support/frames.mjs';
import {closesHint, draws, drawsDigit, everyWidget, letGoBeside, movesTime, start, trains} from './support/tour.mjs';
import {Visitor} from './support/visitor.mjs';

let server, host;
before(async () => {
  server = await serve();
  host = await serveHost();
});
after(async () => {
  await server?.close();
  await host?.close();
});

test('Firefox: the page loads, trains, and the picture changes', {timeout: 120000}, async () => {
  const {browser, close} = await launchFirefox();
  try {
    const {page, problems} = await openInFirefox(browser, `${server.origin}/?run=auto#experiment=classify&seed=1`);
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
    await close();
  }
});

// ALL_SCREENS=1: at another ratio and in a frame, too (screens.test.mjs).
const all = Boolean(process.env.ALL_SCREENS);
for (const ratio of all ? [1, 2] : [1]) {
  test(`Firefox: every kind of widget reacts, and drawing lands where it is pressed, ratio ${ratio}`, {timeout: 240000}, async () => {
    const {browser, close} = await launchFirefox({ratio, reducedMotion: true});
    try {
      const {page, problems} = await openInFirefox(browser, `${server.origin}/${start}`);
      const visitor = new Visitor(firefoxEngine(page));
      await everyWidget(visitor);
      await draws(visitor);
      await drawsDigit(visitor);
      assert.deepEqual(problems, []);
    } finally {
      await close();
    }
  });

  test(`Firefox: in a scaled frame of another origin controls react, drawing lands, and a drag may end beside it, ratio ${ratio}`, {skip: !all, timeout: 240000}, async () => {
    const {browser, close} = await launchFirefox({ratio, reducedMotion: true});
    try {
      const page = await browser.newPage();
      const style = styles['scaled by a transform to 0.75'];
      await page.goto(`${host.origin}/?${new URLSearchParams({address: `${server.origin}/${start}`, style})}`);
      const frame = await (await page.waitForSelector('#frame')).contentFrame();
      await frame.waitForFunction(() => window.playground);
      await frame.evaluate(() => window.playground.ready.then(() => {}));
      await page.evaluate(() => scrollTo(0, 300));
      const mapping = await frameMapping((probe) => frame.evaluate(probe), (probe) => page.evaluate(probe));
      const visitor = new Visitor(firefoxEngine(page, {frame, place: mapping.place}));
      for (const part of [closesHint, trains, movesTime]) await part(visitor);
      await letGoBeside(visitor, mapping.box);
      await draws(visitor);
    } finally {
      await close();
    }
  });
}
