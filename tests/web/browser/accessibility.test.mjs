// What is not drawn on the canvas - the shell, the dialog, the message of a failure - has nothing that axe-core objects to.
import {after, before, test} from './support/test.mjs';
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {click, launchChromium, openPage, root, serve} from './support/browser.mjs';

const axe = readFileSync(join(root, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');

let browser, server;
before(async () => {
  server = await serve();
  browser = await launchChromium();
});
after(async () => {
  await browser?.close();
  await server?.close();
});

async function objections(page) {
  await page.evaluate(axe);
  const {violations, passes} = await page.evaluate(() => window.axe.run(document));
  assert.ok(passes.length > 5, `${passes.length} rules had something to look at`);
  return violations.map(({id, help, nodes}) => `${id}: ${help}: ${nodes.map(({target}) => target).join(', ')}`);
}

for (const [name, query, options] of [
  ['the page, dark', '?run=click', {theme: 'dark'}],
  ['the page, light, on a phone', '?run=click', {theme: 'light', touch: true, viewport: {width: 390, height: 844}}],
  ['embedded', '?embed=1', {viewport: {width: 720, height: 450}}],
]) {
  test(`${name}: nothing to object to, nor with the dialog open`, async () => {
    const {page, context} = await openPage(browser, `${server.origin}/${query}#experiment=classify`, options);
    assert.deepEqual(await objections(page), []);
    if (!query.includes('embed')) {
      await click(page, 'open_data');
      await page.locator('#data-dialog').waitFor();
      assert.deepEqual(await objections(page), []);
      await page.locator('#data-text').fill('0,0,0\n1,oops,1');
      await page.locator('#data-use').click();
      await page.waitForFunction(() => document.getElementById('data-error').textContent);
      assert.deepEqual(await objections(page), [], 'with an error shown');
    }
    await context.close();
  });
}

test('a failure: nothing to object to', async () => {
  for (const colorScheme of ['dark', 'light']) {
    const context = await browser.newContext({colorScheme});
    const page = await context.newPage();
    await page.addInitScript('HTMLCanvasElement.prototype.getContext = () => null');
    await page.goto(server.origin);
    await page.locator('#failure').waitFor();
    assert.deepEqual(await objections(page), []);
    await context.close();
  }
});
