// What the first visit downloads, gzipped, stays small.
import {test} from './support/test.mjs';
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import {launchChromium, serve, site} from './support/browser.mjs';

test('the first visit downloads less than 700 KB gzipped', async () => {
  const server = await serve();
  const browser = await launchChromium();
  try {
    const context = await browser.newContext();
    const paths = new Set();
    context.on('request', (request) => paths.add(new URL(request.url()).pathname));
    const page = await context.newPage();
    await page.goto(server.origin);
    await page.evaluate(() => window.playground.ready);
    await page.waitForTimeout(2000);
    const files = [...paths]
      .map((path) => [path, gzipSync(readFileSync(join(site, path === '/' ? 'index.html' : path))).length])
      .sort((a, b) => b[1] - a[1]);
    const total = files.reduce((sum, [, size]) => sum + size, 0);
    console.log([...files, ['total', total]].map(([name, size]) => `${size} ${name}`).join('\n'));
    assert.ok(files.some(([name]) => name.endsWith('.wasm')), 'the modules were asked for');
    assert.ok(total < 700 * 1024, `${total} bytes`);
  } finally {
    await browser.close();
    await server.close();
  }
});
