// The page on every screen: device pixel ratios, sizes, mouse, finger and pen; what a person reaches, and where it lands.
import {after, before, test} from './support/test.mjs';
import assert from 'node:assert/strict';
import {browsersByRatio, openPage, serve, setSize} from './support/browser.mjs';
import {chromiumEngine} from './support/gestures.mjs';
import {decodePng} from './support/png.mjs';
import {
  closesHint, draws, drawsDigit, everyWidget, hero, knob, movesTime, opensExperiment, start, trains, typesValue,
} from './support/tour.mjs';
import {overlap, Visitor, middle, within} from './support/visitor.mjs';

const browsers = browsersByRatio();
let server;
before(async () => {
  server = await serve();
});
after(async () => {
  await browsers.close();
  await server?.close();
});

const sizes = {phone: {width: 390, height: 844}, turned: {width: 844, height: 390}, desktop: {width: 1280, height: 800}};
const ratios = [1, 1.25, 1.5, 2, 3];

// Opens the page, gives it to somebody with this pointer, and demands a clean console.
async function visit(body, {address = start, size = sizes.desktop, ratio = 1, pointer = 'mouse', ...options} = {}) {
  const opened = await openPage(await browsers.at(ratio), `${server.origin}/${address}`,
                                {viewport: null, size, touch: pointer === 'touch', reducedMotion: 'reduce', ...options});
  try {
    const visitor = new Visitor(await chromiumEngine(opened.page, {pointer}));
    await body(visitor, opened);
    assert.deepEqual(opened.problems, []);
  } finally {
    await opened.context.close();
  }
}

const timing = async (name, part) => {
  const began = Date.now();
  await part();
  if (process.env.TOUR_TIMES) console.log(`  ${name}: ${((Date.now() - began) / 1000).toFixed(1)} s`);
};

// Every kind of widget at every ratio, with every size and pointer, takes half an hour without a graphics card:
// ALL_SCREENS=1. Otherwise a mouse and a finger use all of them once, and at every other ratio some.
const all = Boolean(process.env.ALL_SCREENS);
const few = {mouse: ['phone', 'turned', 'desktop', 'phone'], touch: ['desktop', 'phone']};  // at the first ratios
const screens = ratios.flatMap((ratio, i) => Object.keys(few).flatMap((pointer) => Object.entries(sizes)
  .filter(([name]) => all || name === few[pointer][i]).map(([, size]) => ({ratio, size, pointer}))));

for (const {ratio, size, pointer} of screens) {
  const whole = all || ratio === (pointer === 'mouse' ? 1.25 : 1);
  test(`${whole ? 'every kind of widget reacts' : 'controls react'}, and drawing lands where it is pressed, by ${pointer} at ${size.width} x ${size.height}, ratio ${ratio}`, async () => {
    await visit(async (visitor) => {
      if (whole) {
        await everyWidget(visitor, {time: timing});
      } else {
        for (const part of [closesHint, trains, movesTime]) await timing(part.name, () => part(visitor));
      }
      await timing('draws', () => draws(visitor));
      if (whole) await timing('opensExperiment', () => opensExperiment(visitor, 'dynamics'));
    }, {size, ratio, pointer});
  });
}

for (const [ratio, size, pointer] of [[1, sizes.desktop, 'mouse'], [1.25, sizes.desktop, 'mouse'], [1.5, sizes.turned, 'touch'],
                                      [2, sizes.phone, 'touch'], [3, sizes.phone, 'touch']]) {
  test(`a digit is drawn by ${pointer} at ${size.width} x ${size.height}, ratio ${ratio}`, async () => {
    await visit(drawsDigit, {size, ratio, pointer});
  });
}

test('a pen moves a slider and draws', async () => {
  await visit(async (visitor) => {
    await movesTime(visitor);
    await draws(visitor);
  }, {size: {width: 500, height: 600}, ratio: 1.5, pointer: 'pen'});
});

// --- the screen itself

// As a browser's zoom does it, which makes CSS pixels fewer as they grow.
test('a device pixel ratio that changes on the way changes what is drawn and not where a press lands', async () => {
  await visit(async (visitor, {page}) => {
    let steps = 0;
    for (const ratio of [2, 1, 1.25, 3]) {
      const size = {width: Math.round(1000 / ratio), height: Math.round(1500 / ratio)};
      await setSize(page, size, ratio);
      await visitor.until(({width, ratio}) => devicePixelRatio === ratio && innerWidth === width &&
        Math.abs(document.getElementById('canvas').width - width * ratio) <= 1, {...size, ratio});
      await visitor.settle();
      await visitor.click('step');
      await visitor.until((steps) => window.playground.metrics().step === steps, ++steps, 10000);
      await movesTime(visitor);
      const track = await visitor.widget('time');
      await visitor.tap(knob(track, 1));
      await visitor.untilShown('time', '1.00');
    }
  }, {size: {width: 1000, height: 1500}});
});

test('a phone that is turned, and turned back, goes on reacting', async () => {
  await visit(async (visitor, {page}) => {
    let steps = 0;
    for (const size of [sizes.turned, sizes.phone, sizes.turned]) {
      await setSize(page, size);
      await visitor.until(({width}) => innerWidth === width &&
        Math.abs(document.getElementById('canvas').width - width * devicePixelRatio) <= 1, size);
      await visitor.until(({height}) => {
        const play = window.playground.widgets().find(({id}) => id === 'play');
        return play && play.y + play.height <= height;
      }, size);
      await visitor.click('step');
      await visitor.until((steps) => window.playground.metrics().step === steps, ++steps, 10000);
      await visitor.reveal('parameter.noise');
      await tidy(visitor, size);
    }
  }, {size: sizes.phone, ratio: 3, pointer: 'touch'});
});

// What is always there and never scrolls.
const FIXED = /^(experiment(\..*)?|toggle_theme|open_data|copy_link|shortcuts|play|step|reset|pin|seed|speed|tab\..*|time|time\.play|settings|open_full_page)$/;

// Nothing lies outside the screen, and nothing that is always there covers anything else that is.
async function tidy(visitor, {width, height}, {top = 0, right = 0, bottom = 0, left = 0} = {}) {
  const all = await visitor.widgets();
  for (const each of all) {
    assert.ok(each.x >= left - 0.5 && each.y >= top - 0.5 && each.x + each.width <= width - right + 0.5 &&
      each.y + each.height <= height - bottom + 0.5, `${each.id} is out of the screen: ${JSON.stringify(each)}`);
  }
  const fixed = all.filter(({id}) => FIXED.test(id));
  for (const [i, one] of fixed.entries()) {
    assert.ok(one.width >= 20 && one.height >= 20, `${one.id} is cut to ${one.width} x ${one.height}`);
    for (const other of fixed.slice(i + 1)) assert.ok(!overlap(one, other, 0.5), `${one.id} lies on ${other.id}`);
  }
  return fixed;
}

// As a browser's zoom of 200 and 400 % makes them of 1280 x 800; and small phones.
for (const [name, size, ratio, pointer] of [
  ['zoomed to 200 %', {width: 640, height: 400}, 2, 'mouse'],
  ['zoomed to 400 %', {width: 320, height: 200}, 4, 'mouse'],
  ['on the smallest phone', {width: 320, height: 568}, 2, 'touch'],
  ['on the smallest phone, turned', {width: 568, height: 320}, 2, 'touch'],
]) {
  test(`${name}, the main controls are reached and nothing lies on anything else`, async () => {
    await visit(async (visitor) => {
      const fixed = (await tidy(visitor, size)).map(({id}) => id);
      for (const id of ['play', 'step', 'reset']) assert.ok(fixed.includes(id), `${id} is there`);
      await trains(visitor);
      await visitor.click('parameter.data.moons');
      await visitor.untilValue('data', 'moons');
      await visitor.click('parameter.lift', 0.9);
      await visitor.untilValue('lift', true);
      await visitor.click('try.0');
      await visitor.until(() => window.playground.get().running);
      await visitor.click('play');
      await visitor.until(() => !window.playground.get().running);
      await tidy(visitor, size);
      await opensExperiment(visitor, 'dynamics');
      await tidy(visitor, size);
    }, {size, ratio, pointer});
  });
}

test('at ratios between whole ones lines are as sharp as a device pixel', async () => {
  for (const ratio of [1.25, 1.5])
    await visit(async (visitor, {page}) => {
      await hero(visitor);
      await visitor.settle();
      // Across the line between the parameters and the picture; up and down across the one below the names.
      for (const [what, clip] of [['between panel and picture', {x: 262, y: 740, width: 20, height: 1}],
                                  ['below the names', {x: 4, y: 38, width: 1, height: 20}]]) {
        const seen = decodePng(await page.screenshot({clip}));
        const across = seen.width > seen.height;
        const row = Array.from({length: Math.max(seen.width, seen.height)}, (_, i) =>
          (across ? seen.at(i, 0) : seen.at(0, i)).join());
        const odd = row.filter((colour) => colour !== row[0] && colour !== row.at(-1));
        assert.equal(odd.length, 1, `the line ${what} at ratio ${ratio}: ${row.join(' ')}`);
      }
    }, {ratio});
});

test('what a screen keeps for itself - a notch, rounded corners, a bar to swipe - is left free', {skip: !all}, async () => {
  for (const [size, insets] of [[sizes.phone, {top: 47, left: 0, bottom: 34, right: 0}],
                                [sizes.turned, {top: 0, left: 47, bottom: 21, right: 47}]])
    await visit(async (visitor) => {
      await visitor.engine.session.send('Emulation.setSafeAreaInsetsOverride', {insets});
      await visitor.until(({size, insets}) => window.playground.widgets().every((each) =>
        each.x >= insets.left - 0.5 && each.y >= insets.top - 0.5 &&
        each.x + each.width <= size.width - insets.right + 0.5 &&
        each.y + each.height <= size.height - insets.bottom + 0.5), {size, insets}, 5000);
      await tidy(visitor, size, insets);
      await trains(visitor);
      await movesTime(visitor);
    }, {size, ratio: 2, pointer: 'touch'});
});

// --- what must not happen to the page around the canvas

const unmoved = async (visitor) => assert.deepEqual(
  await visitor.evaluate(() => [visualViewport.scale, visualViewport.offsetTop, scrollX, scrollY]), [1, 0, 0, 0]);

test('Ctrl and the wheel, two fingers and a swipe on the canvas enlarge the picture, never the page', async () => {
  await visit(async (visitor, {page}) => {
    await visitor.evaluate(() => {
      window.left = [];
      for (const type of ['wheel', 'touchmove'])
        addEventListener(type, (event) => event.defaultPrevented || window.left.push(type), {passive: true});
    });
    const plot = await hero(visitor), at = within(plot, 0.5, 0.5);
    const place = {x: at.x - 30, y: at.y - 30, width: 60, height: 60};
    const seen = async () => {
      await page.mouse.move(at.x, at.y + 60);
      return await visitor.picture(place);
    };
    const whole = await seen();
    await page.mouse.move(at.x, at.y);
    await page.keyboard.down('Control');
    for (let i = 0; i < 3; ++i) await page.mouse.wheel(0, -100);
    await page.keyboard.up('Control');
    assert.ok(!(await seen()).equals(whole), 'the picture is enlarged');
    assert.deepEqual(await visitor.evaluate(() => window.left), [], 'what the browser was left to do');
    await unmoved(visitor);
  }, {size: {width: 500, height: 600}});
  await visit(async (visitor) => {
    const plot = await hero(visitor);
    await visitor.zoom(within(plot, 0.5, 0.5), 2.5);
    await visitor.zoom(within(plot, 0.5, 0.5), 0.3);
    await unmoved(visitor);
    for (const id of ['play', 'parameter.noise', 'plot.flow']) {
      const at = middle(await visitor.reveal(id));
      await visitor.drag(at, {x: at.x, y: at.y - 200});
      await visitor.drag(at, {x: at.x + 100, y: at.y + 200});
    }
    await unmoved(visitor);
  }, {size: sizes.phone, ratio: 2, pointer: 'touch'});
});

test('a panel that is let go in motion runs on and comes to rest; a finger that stands before it lifts leaves it there', async () => {
  for (const [reducedMotion, stands, runs] of [['no-preference', 0, true], ['no-preference', 300, false], ['reduce', 0, false]])
    await visit(async (visitor) => {
      await visitor.reveal('parameter.noise');
      const where = async () => (await visitor.widgets()).filter(({id}) => id.startsWith('help.')).map(({id, y}) => [id, y]);
      // The times are the finger's own, however busy the machine is.
      const began = Date.now() / 1000;
      const send = (type, y, ms) => visitor.engine.session.send('Input.dispatchTouchEvent',
        {type, touchPoints: type === 'touchEnd' ? [] : [{x: 30, y}], timestamp: began + ms / 1000});
      await send('touchStart', 830, 0);
      for (let i = 1; i <= 8; ++i) await send('touchMove', 830 - 10 * i, 16 * i);
      await visitor.settle();
      const held = await where();
      await send('touchEnd', 750, 16 * 9 + stands);
      let now = held;
      for (let last = null; JSON.stringify(last) !== JSON.stringify(now);) {
        await pause(300);
        [last, now] = [now, await where()];
      }
      const same = held.find(([id]) => now.some(([other]) => other === id));
      const ran = same ? same[1] - now.find(([id]) => id === same[0])[1] : Infinity;
      assert.ok(runs ? ran > 60 : Math.abs(ran) < 1, `${reducedMotion}, it stood for ${stands} ms: it ran ${ran} px`);
    }, {size: sizes.phone, pointer: 'touch', reducedMotion});
});

test('the wheel scrolls as far by lines and by pages as by pixels, and sideways where a table is wide', async () => {
  await visit(async (visitor) => {
    const panel = await visitor.reveal('parameter.noise');
    const at = middle(panel);
    const where = async () => (await visitor.widgets()).filter(({id, height}) => id.startsWith('help.') && height > 29)
      .map(({id, y}) => [id, y]);
    // How far the parameters moved when the wheel turned so much.
    const scrolled = async (turn) => {
      const before = await where();
      await visitor.evaluate(({at, turn}) => document.getElementById('canvas').dispatchEvent(new WheelEvent('wheel',
        {bubbles: true, cancelable: true, clientX: at.x, clientY: at.y, ...turn})), {at, turn});
      await visitor.until((before) => {
        const now = window.playground.widgets().find(({id}) => id === before[0]);
        return now?.y !== before[1];
      }, before.at(-1), 5000);
      let last = null;
      for (;;) {
        const now = await where();
        const known = now.find(([id]) => before.some(([other]) => other === id));
        const moved = known && before.find(([id]) => id === known[0])[1] - known[1];
        if (last !== null && last === moved) return moved ?? Infinity;
        last = moved;
        await new Promise((resolve) => setTimeout(resolve, 150));
      }
    };
    await visitor.engine.move(at);
    const pixels = await scrolled({deltaY: 120, deltaMode: 0});
    assert.ok(pixels > 60 && pixels < 180, `120 pixels of the wheel scroll ${pixels}`);
    assert.ok(Math.abs(await scrolled({deltaY: -120, deltaMode: 0}) + pixels) < 1, 'and back');
    // A notch of the wheel is 100 to 120 pixels to some browsers, three lines to others.
    const lines = await scrolled({deltaY: 3, deltaMode: 1});
    assert.ok(lines > 60 && lines < 180, `three lines scroll ${lines}`);
    await scrolled({deltaY: -3, deltaMode: 1});
    const half = await scrolled({deltaY: 0.5, deltaMode: 2});
    assert.ok(half > 75 && half < 225, `half a page of the wheel scrolls ${half} of 300`);
  }, {size: {width: 1280, height: 404}});
  await visit(async (visitor) => {
    await visitor.click('numbers.phase');
    const table = await visitor.widget('table.phase');
    const inner = {x: table.x + 4, y: table.y + table.height / 2, width: table.width - 20, height: table.height / 4};
    const whole = await visitor.picture(inner);
    const seen = async () => await visitor.picture(inner);
    await visitor.engine.wheel(middle(inner), 150, 0);
    const aside = await seen();
    assert.ok(!aside.equals(whole), 'it scrolls sideways');
    await visitor.engine.wheel(middle(inner), -600, 0);
    assert.ok((await seen()).equals(whole), 'and back');
  }, {address: '?run=click#experiment=dynamics', size: {width: 600, height: 700}});
});

test('a number is typed in a field that lies on it: the phone shows its keys, Escape leaves the value alone', async () => {
  await visit(async (visitor, {page}) => {
    const number = await visitor.reveal('value.hidden');
    await visitor.tap(middle(number));
    await visitor.until(() => document.activeElement?.tagName === 'INPUT', undefined, 5000);
    const field = await visitor.evaluate(() => {
      const {x, y, width, height} = document.activeElement.getBoundingClientRect();
      return {x, y, width, height, keys: document.activeElement.inputMode};
    });
    assert.ok(overlap(field, number), 'the field lies on the number');
    assert.ok(field.x >= 0 && field.x + field.width <= 390, 'within the screen');
    assert.match(field.keys, /^(decimal|numeric)$/);
    await page.keyboard.press('Control+a');
    await page.keyboard.type('9');
    await page.keyboard.press('Escape');
    await visitor.until(() => document.activeElement?.tagName !== 'INPUT');
    assert.equal(await visitor.value('hidden'), 24);
    await typesValue(visitor, 'hidden', 31);
    // Leaving it by a press elsewhere takes what was typed.
    await visitor.click('value.hidden');
    await visitor.until(() => document.activeElement?.tagName === 'INPUT', undefined, 5000);
    await page.keyboard.press('Control+a');
    await page.keyboard.type('12');
    await visitor.click('step');
    await visitor.untilValue('hidden', 12);
  }, {size: sizes.phone, ratio: 2, pointer: 'touch'});
});

test('the clipboard gets the link at every ratio, and Tab is the browser’s', async () => {
  for (const ratio of [1, 2])
    await visit(async (visitor, {page}) => {
      await visitor.click('copy_link');
      await visitor.until(() => window.playground.get().notes.some((note) => note.includes('clipboard')), undefined, 10000);
      assert.match(await page.evaluate(() => navigator.clipboard.readText()), /#v=1&experiment=classify&seed=3/);
      // Nobody keeps the browser from taking it: frames.test.mjs presses the key.
      assert.ok(await visitor.evaluate(() => document.getElementById('canvas').dispatchEvent(
        new KeyboardEvent('keydown', {key: 'Tab', code: 'Tab', bubbles: true, cancelable: true}))));
    }, {size: {width: 500, height: 600}, ratio});
});

// --- how a drag ends

const noise = (visitor) => visitor.value('noise');

// Holds the slider of the noise in the middle; {from, to(fraction)}.
async function holdNoise(visitor) {
  const track = await visitor.reveal('parameter.noise');
  const at = (fraction) => visitor.engine.place(knob(track, fraction));
  const from = at(0.3);
  if (!visitor.finger) await visitor.engine.move(from);
  await visitor.engine.down(from);
  for (const fraction of [0.4, 0.5, 0.6]) {
    await visitor.engine.move(at(fraction));
    await pause(20);
  }
  await visitor.until(() => window.playground.get().values.noise > 0.1, undefined, 5000);
  return {track, at};
}
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const small = {width: 600, height: 640};
for (const pointer of ['mouse', 'touch'])
  for (const ratio of [1, 2]) {
    test(`a drag let go beyond each edge of the window leaves the value where it was let go, by ${pointer}, ratio ${ratio}`, async () => {
      await visit(async (visitor) => {
        const {width, height} = small;
        const {minimum, maximum} = await visitor.evaluate(() => window.playground.experiments()
          .find(({name}) => name === 'classify').parameters.find(({name}) => name === 'noise'));
        const mean = (fraction) => minimum + fraction * (maximum - minimum);
        for (const [edge, beyond, wanted] of [
          ['left', (at) => ({x: -60, y: at(0.6).y}), mean(0)],
          ['right', (at) => ({x: width + 60, y: at(0.6).y}), mean(1)],
          ['upper', (at) => ({x: at(0.75).x, y: -60}), mean(0.75)],
          ['lower', (at) => ({x: at(0.75).x, y: height + 60}), mean(0.75)],
        ]) {
          const {track, at} = await holdNoise(visitor);
          const pixel = (maximum - minimum) / (track.width - 14);
          await visitor.engine.move(beyond(at));
          await visitor.settle();
          await visitor.engine.up(beyond(at));
          await visitor.settle();
          const left = await noise(visitor);
          // Two digits are what a slider means.
          assert.ok(Math.abs(left - wanted) <= 2 * pixel + 0.005, `beyond the ${edge} edge: ${left}, not ${wanted}`);
          // It is let go: the pointer comes back and nothing follows it.
          if (!visitor.finger)
            for (const fraction of [0.2, 0.5]) await visitor.engine.move(at(fraction));
          await visitor.settle();
          assert.equal(await noise(visitor), left, `beyond the ${edge} edge: the value follows a pointer that was let go`);
        }
        await visitor.click('step');
        await visitor.until(() => window.playground.metrics().step === 1);
      }, {size: small, ratio, pointer});
    });
  }

test('a touch that the system takes away leaves a slider where it was and presses nothing', async () => {
  await visit(async (visitor) => {
    const {at} = await holdNoise(visitor);
    await visitor.settle();
    const held = await noise(visitor);
    await visitor.engine.fingers('touchCancel');
    await visitor.settle();
    assert.equal(await noise(visitor), held);
    const step = visitor.engine.place(middle(await visitor.widget('step')));
    await visitor.engine.fingers('touchStart', step);
    await pause(60);
    await visitor.engine.fingers('touchCancel');
    await visitor.settle();
    assert.equal(await visitor.evaluate(() => window.playground.metrics().step), 0, 'a touch that was taken away pressed');
    assert.equal(await noise(visitor), held);
    await visitor.engine.down(at(0.6));
    await visitor.engine.move(at(0.75));
    await visitor.engine.move(at(0.9));
    await visitor.engine.up(at(0.9));
    await visitor.until((held) => window.playground.get().values.noise > held, held);
  }, {size: sizes.phone, ratio: 2, pointer: 'touch'});
});

for (const [name, leave] of [
  ['let go where the page does not hear of it', async () => {}],
  ['that another tab interrupts', async (visitor) => {
    for (const hidden of [true, false])
      await visitor.evaluate((value) => {
        Object.defineProperty(document, 'hidden', {value, configurable: true});
        Object.defineProperty(document, 'visibilityState', {value: value ? 'hidden' : 'visible', configurable: true});
        dispatchEvent(new Event(value ? 'blur' : 'focus'));
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
  }],
]) {
  test(`a drag ${name} ends there, and the next move changes nothing`, async () => {
    await visit(async (visitor, {page}) => {
      const {at} = await holdNoise(visitor);
      await visitor.settle();
      const held = await noise(visitor);
      await leave(visitor);
      for (const fraction of [0.8, 0.2, 0.9])
        await visitor.engine.session.send('Input.dispatchMouseEvent', {type: 'mouseMoved', ...at(fraction), button: 'none', buttons: 0});
      await visitor.settle();
      assert.equal(await noise(visitor), held);
      await page.mouse.up();
      await visitor.settle();
      assert.equal(await noise(visitor), held);
      await visitor.click('step');
      await visitor.until(() => window.playground.metrics().step === 1);
    }, {size: small});
  });
}
