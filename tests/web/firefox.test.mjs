// The page in Firefox: it loads without complaint, trains, and draws.
import {test} from 'node:test';
import assert from 'node:assert/strict';
import {join} from 'node:path';
import {screenshots, serve} from './support/browser.mjs';
import {launchFirefox, openInFirefox} from './support/firefox.mjs';

test('Firefox: the page loads, trains, and the picture changes', {timeout: 120000}, async () => {
  const server = await serve();
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
    await server.close();
  }
});
