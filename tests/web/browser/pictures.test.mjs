// Every experiment looks as it did: its picture after a fixed number of steps against a small one that is kept.
//   UPDATE_REFERENCES=1 node --test tests/web/browser/pictures.test.mjs     keeps the pictures of now
// Runs are the same bits everywhere, so what differs is what is drawn. Each plot is compared by itself, as figures beside
// them tell times.
import {after, before, test} from './support/test.mjs';
import assert from 'node:assert/strict';
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {launchChromium, openPage, root, serve} from './support/browser.mjs';
import {scenes, showScene, withoutHint} from './support/scenes.mjs';

const WIDTH = 160, HEIGHT = 100;  // of a reference: an eighth of the page
const SHRUNK = 8;
const TOLERANCE = 0.8;  // mean difference of a plot's pixels, of 255
const references = join(root, 'tests', 'web', 'browser', 'references');
mkdirSync(references, {recursive: true});

let browser, server, page, close, easel;
before(async () => {
  server = await serve();
  browser = await launchChromium();
  const opened = await openPage(browser, `${server.origin}/?run=click`, {reducedMotion: 'reduce', prepare: withoutHint});
  page = opened.page;
  close = () => opened.context.close();
  easel = await browser.newPage();  // where pictures are shrunk and compared
});
after(async () => {
  await close?.();
  await browser?.close();
  await server?.close();
});

const plots = async () =>
  (await page.evaluate(() => window.playground.widgets())).filter(({kind}) => kind === 'plot');

// A small PNG of the page, with `blank`, a rectangle of it, painted over in the colour of its upper left corner.
async function small(png, blank) {
  const address = await easel.evaluate(async ({png, blank, width, height}) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const large = new OffscreenCanvas(image.width, image.height).getContext('2d');
    large.drawImage(image, 0, 0);
    if (blank) {
      const [r, g, b] = large.getImageData(blank.x, blank.y, 1, 1).data;
      large.fillStyle = `rgb(${r} ${g} ${b})`;
      large.fillRect(blank.x, blank.y, blank.width, blank.height);
    }
    const canvas = document.createElement('canvas');
    Object.assign(canvas, {width, height});
    const context = canvas.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.drawImage(large.canvas, 0, 0, width, height);
    return canvas.toDataURL('image/png');
  }, {png: png.toString('base64'), blank, width: WIDTH, height: HEIGHT});
  return Buffer.from(address.split(',')[1], 'base64');
}

// The mean difference of two small PNGs within each rectangle of the page.
const differences = (one, other, rectangles) => easel.evaluate(async ({pictures, rectangles, shrunk}) => {
  const [a, b] = await Promise.all(pictures.map(async (png) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
    context.drawImage(image, 0, 0);
    return context;
  }));
  return rectangles.map(({x, y, width, height}) => {
    const place = [x / shrunk, y / shrunk, width / shrunk, height / shrunk].map(Math.round);
    const one = a.getImageData(...place).data, other = b.getImageData(...place).data;
    let sum = 0;
    for (let i = 0; i < one.length; ++i) sum += Math.abs(one[i] - other[i]);
    return sum / (one.length * 3 / 4);  // opaque: the fourth channel never differs
  });
}, {pictures: [one, other].map((png) => png.toString('base64')), rectangles, shrunk: SHRUNK});

for (const name of Object.keys(scenes)) {
  test(`${name} looks as it did, and would not without one of its plots`, async () => {
    await showScene(page, name);
    const png = await page.screenshot();
    const found = await plots();
    assert.ok(found.length >= 2, `${found.length} plots`);
    const now = await small(png);
    const path = join(references, `${name}.png`);
    if (process.env.UPDATE_REFERENCES) writeFileSync(path, now);
    assert.ok(existsSync(path), `no ${path}: UPDATE_REFERENCES=1 makes it`);
    const reference = readFileSync(path);
    const changes = await differences(now, reference, found);
    console.log(`${name}: ${found.map(({id}, i) => `${id} ${changes[i].toFixed(2)}`).join(', ')}`);
    found.forEach(({id}, i) => assert.ok(changes[i] < TOLERANCE, `${id} differs by ${changes[i]}`));
    for (const [i, plot] of found.entries()) {
      const [change] = await differences(await small(png, plot), reference, [plot]);
      console.log(`${name} without ${plot.id}: ${change.toFixed(2)}`);
      assert.ok(change > 2 * TOLERANCE, `without ${found[i].id} it differs by ${change} only`);
    }
  });
}
