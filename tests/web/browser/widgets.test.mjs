// Each kind of widget by real pointers, keys and fingers, and what it does. (What page.test.mjs and shell.test.mjs do with
// widgets is not repeated: play, step, reset, a slider dragged, a tile pressed, the data dialog refusing and taking text.)
import {after, before, test} from './support/test.mjs';
import assert from 'node:assert/strict';
import {twice} from './support/gestures.mjs';
import {click, drag, launchChromium, picture, serve, until, visitPage, widget} from './support/browser.mjs';

let browser, server;
before(async () => {
  server = await serve();
  browser = await launchChromium();
});
after(async () => {
  await browser?.close();
  await server?.close();
});

// Paused, without motion: what changes was changed by the hands of the test.
const visit = (hash, body, options = {}) =>
  visitPage(browser, `${server.origin}/${hash}`, body, {reducedMotion: 'reduce', ...options});
const pg = (page, probe, argument) => page.evaluate(probe, argument);
const value = (page, name) => pg(page, (wanted) => window.playground.get().values[wanted], name);
const untilValue = (page, name, wanted) =>
  until(page, ([name, wanted]) => window.playground.get().values[name] === wanted, [name, wanted]);
const untilShown = (page, id, wanted) =>
  until(page, ([id, wanted]) => window.playground.widgets().find((each) => each.id === id)?.value === wanted, [id, wanted]);
const untilGone = (page, id) => until(page, (id) => !window.playground.widgets().some((each) => each.id === id), id);
const rows = (page) => pg(page, () => window.playground.exportData().trim().split('\n').slice(1).filter(Boolean));
const untilRows = (page, count) => until(page, (count) =>
  window.playground.exportData().trim().split('\n').slice(1).filter(Boolean).length === count, count);

async function doubleClick(page, id, fx = 0.5, fy = 0.5) {
  const {x, y, width, height} = await widget(page, id);
  await page.mouse.move(x + fx * width, y + fy * height);
  await twice(page, {x: x + fx * width, y: y + fy * height});
  await page.waitForTimeout(100);
}

// The plot without the pointer over it: a read-out would follow it.
async function plotPicture(page, id) {
  const {x, y, width, height} = await widget(page, id);
  await page.mouse.move(640, 775);
  return picture(page, {x, y, width, height});
}

async function press(page, ...keys) {
  await page.locator('#canvas').focus();
  for (const key of keys) {
    await page.keyboard.press(key, {delay: 60});
    await page.waitForTimeout(60);
  }
}

test('the wheel enlarges, dragging moves, a double click and F show the whole again', async () => {
  await visit('?run=click#experiment=dynamics', async (page) => {
    await click(page, 'hint.close');
    await untilGone(page, 'hint.close');
    const whole = await plotPicture(page, 'plot.phase');
    const {x, y, width, height} = await widget(page, 'plot.phase');
    const middle = {x: x + width / 2, y: y + height / 2};
    const enlarge = async () => {
      await page.mouse.move(middle.x, middle.y);
      for (let i = 0; i < 3; ++i) await page.mouse.wheel(0, -120);
      const found = await plotPicture(page, 'plot.phase');
      assert.ok(!found.equals(whole), 'the wheel enlarges');
      return found;
    };
    const large = await enlarge();
    await drag(page, middle, {x: middle.x + 90, y: middle.y + 60});
    const moved = await plotPicture(page, 'plot.phase');
    assert.ok(!moved.equals(large), 'dragging moves');
    await drag(page, middle, {x: middle.x - 90, y: middle.y - 60});
    assert.ok((await plotPicture(page, 'plot.phase')).equals(large), 'and back again');
    await doubleClick(page, 'plot.phase');
    assert.ok((await plotPicture(page, 'plot.phase')).equals(whole), 'a double click shows the whole');
    await enlarge();
    await press(page, 'f');
    assert.ok((await plotPicture(page, 'plot.phase')).equals(whole), 'and so does F');
  });
});

test('legend entries switch curves off and on', async () => {
  await visit('?run=click#experiment=dynamics', async (page) => {
    await pg(page, () => window.playground.step(20));
    await until(page, () => window.playground.frame()?.step === 20);
    for (const [entry, plot] of [['legend.phase/true motion', 'plot.phase'], ['legend.loss/train', 'plot.loss']]) {
      const shown = await plotPicture(page, plot);
      await click(page, entry);
      await untilShown(page, entry, '');
      assert.ok(!(await plotPicture(page, plot)).equals(shown), `${entry} is off`);
      await click(page, entry);
      await untilShown(page, entry, 'on');
      assert.ok((await plotPicture(page, plot)).equals(shown), `${entry} is back`);
    }
  });
});

test('legend entries of the classes hide their points and paths', async () => {
  await visit('?run=click#experiment=classify', async (page) => {
    await click(page, 'hint.close');
    await untilGone(page, 'hint.close');
    const shown = await plotPicture(page, 'plot.flow');
    for (const entry of ['legend.flow/class A', 'legend.flow/class B']) {
      await click(page, entry);
      await untilShown(page, entry, '');
      assert.ok(!(await plotPicture(page, 'plot.flow')).equals(shown), `${entry} is off`);
      await click(page, entry);
      await untilShown(page, entry, 'on');
      assert.ok((await plotPicture(page, 'plot.flow')).equals(shown), `${entry} is back`);
    }
  });
});

test('a long drop-down stays on the screen and shows the chosen option', async () => {
  await visit('?run=click#experiment=classify&solver=kvaerno5', async (page) => {
    await click(page, 'parameter.solver');
    const {y, height} = await widget(page, 'parameter.solver.kvaerno5');
    assert.ok(y >= 0 && y + height <= page.viewportSize().height);
  });
});

test('a plot takes the large place and gives it back; a click keeps its values in view', async () => {
  await visit('?run=click#experiment=dynamics', async (page) => {
    await pg(page, () => window.playground.step(20));
    await until(page, () => window.playground.frame()?.step === 20);
    const wide = async (id) => (await widget(page, id)).width;
    const before = [await wide('plot.phase'), await wide('plot.loss')];
    await click(page, 'enlarge.loss');
    await until(page, (width) => window.playground.widgets().find(({id}) => id === 'plot.loss').width > width, before[1]);
    assert.deepEqual([await wide('plot.loss') > 500, await wide('plot.phase') < 300], [true, true]);
    await click(page, 'enlarge.phase');
    await until(page, () => window.playground.widgets().some(({id}) => id === 'enlarge.loss'));
    assert.deepEqual([await wide('plot.phase'), await wide('plot.loss')], before);

    const plain = await plotPicture(page, 'plot.loss');
    await click(page, 'plot.loss', 0.3);
    assert.ok(!(await plotPicture(page, 'plot.loss')).equals(plain), 'the values stay when the pointer has left');
    await click(page, 'plot.loss', 0.7);
    assert.ok((await plotPicture(page, 'plot.loss')).equals(plain), 'a second click lets them go');
  });
});

test('the hint: dismissed once, it is not there on the next visit; the theme stays as well', async () => {
  await visit('?run=click#experiment=classify', async (page) => {
    await click(page, 'hint.close');
    await untilGone(page, 'hint.close');
    const shade = () => pg(page, () => document.documentElement.dataset.theme);
    assert.equal(await shade(), 'dark');
    await click(page, 'toggle_theme');
    await until(page, () => document.documentElement.dataset.theme === 'light');
    await until(page, () => window.playground.widgets().find(({id}) => id === 'toggle_theme').label === 'Dark theme');
    await page.reload();
    await page.waitForFunction(() => window.playground?.ready.then(() => true));
    await widget(page, 'plot.flow');
    assert.equal(await shade(), 'light');
    await page.waitForTimeout(300);
    assert.equal(await pg(page, () => window.playground.widgets().some(({id}) => id === 'hint.close')), false);
  });
});

test('the hint goes when the picture is moved', async () => {
  await visit('?run=click#experiment=classify', async (page) => {
    await widget(page, 'hint.close');
    await page.mouse.move(600, 300);
    await page.mouse.wheel(0, -120);
    await untilGone(page, 'hint.close');
  });
});

test('two fingers enlarge the picture, one scrolls the panel, tabs turn', async () => {
  await visit('?run=click#experiment=classify', async (page, {context}) => {
    const session = await context.newCDPSession(page);
    const touch = (type, ...points) => session.send('Input.dispatchTouchEvent',
      {type, touchPoints: points.map(([x, y], id) => ({x, y, id}))});
    const whole = await plotPicture(page, 'plot.flow');
    await touch('touchStart', [170, 240]);
    await touch('touchStart', [170, 240], [220, 240]);
    for (let apart = 60; apart <= 200; apart += 10) {
      await touch('touchMove', [195 - apart / 2, 240], [195 + apart / 2, 240]);
      await page.waitForTimeout(20);
    }
    await touch('touchEnd');
    assert.ok(!(await plotPicture(page, 'plot.flow')).equals(whole), 'a pinch enlarges');

    const at = async () => (await widget(page, 'parameter.noise')).y;
    const before = await at();
    await touch('touchStart', [60, 800]);
    for (let y = 790; y >= 680; y -= 10) {
      await touch('touchMove', [60, y]);
      await page.waitForTimeout(20);
    }
    await touch('touchEnd');
    await until(page, (y) => window.playground.widgets().find(({id}) => id === 'parameter.noise')?.y < y - 40, before);

    const tap = async (id) => {
      const {x, y, width, height} = await widget(page, id);
      await touch('touchStart', [x + width / 2, y + height / 2]);
      await page.waitForTimeout(60);
      await touch('touchEnd');
      await page.waitForTimeout(250);  // what opens is not there at once
    };
    await tap('tab.Curves');
    await widget(page, 'plot.loss');
    await tap('tab.About');
    await widget(page, 'try.0');
    await tap('tab.Parameters');
    await widget(page, 'parameter.noise');
    // The experiments are a list here.
    await tap('experiment');
    await tap('experiment.dynamics');
    await until(page, () => window.playground.get().experiment === 'dynamics');
  }, {viewport: {width: 390, height: 844}, touch: true});
});

test('a run is pinned, set up again, and forgotten', async () => {
  await visit('?run=click#experiment=dynamics&noise=0.02&seed=4', async (page) => {
    await pg(page, () => window.playground.step(20));
    await until(page, () => window.playground.frame()?.step === 20);
    await click(page, 'pin');
    await widget(page, 'pinned.1');
    await pg(page, () => void window.playground.set({noise: 0.1, seed: 5}));
    await untilValue(page, 'noise', 0.1);
    await until(page, () => window.playground.frame()?.step === 0);
    // Its curve lies under the plot of the loss, which is empty otherwise.
    const beside = await plotPicture(page, 'plot.loss');
    await click(page, 'pinned.1.apply');
    await untilValue(page, 'noise', 0.02);
    assert.equal((await pg(page, () => window.playground.get())).seed, 4);
    await click(page, 'pinned.1.drop');
    await untilGone(page, 'pinned.1');
    await pg(page, () => void window.playground.set({noise: 0.1, seed: 5}));
    await untilValue(page, 'noise', 0.1);
    await until(page, () => window.playground.frame()?.step === 0);
    assert.ok(!(await plotPicture(page, 'plot.loss')).equals(beside));
  }, {viewport: {width: 1280, height: 1000}});
});

test('every key of the sheet', async () => {
  await visit('?run=click#experiment=classify&seed=3', async (page) => {
    const state = () => pg(page, () => window.playground.get());
    await press(page, 's', 's');
    await until(page, () => window.playground.metrics().step === 2);
    await press(page, 'r');
    await until(page, () => window.playground.metrics().step === 0);
    assert.equal((await state()).seed, 3);
    await press(page, 'Space');
    await until(page, () => window.playground.get().running);
    await press(page, 'Space');
    await until(page, () => !window.playground.get().running);
    await press(page, 'n');
    await until(page, () => window.playground.get().seed !== 3);
    const {seed} = await state();
    await pg(page, () => void window.playground.set({noise: 0.2}));
    await press(page, 'Control+z');
    await untilValue(page, 'noise', 0.05);
    assert.equal((await state()).seed, seed);
    await untilShown(page, 'time', '1.00');
    await press(page, ',', ',');
    await untilShown(page, 'time', '0.96');
    await press(page, '.');
    await untilShown(page, 'time', '0.98');
    await press(page, 'p');
    await press(page, 'c');
    await until(page, () => document.documentElement.dataset.theme === 'light');
    await press(page, 't');
    await widget(page, 'copy.flow');
    await press(page, 't');
    await press(page, 'l');
    await until(page, () => window.playground.get().notes.some((note) => note.includes('clipboard')));
    await press(page, ']');
    await until(page, () => window.playground.get().experiment === 'dynamics');
    await press(page, '[');
    await until(page, () => window.playground.get().experiment === 'classify');
    await press(page, 'd');
    await page.locator('#data-dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('#data-dialog').waitFor({state: 'hidden'});
    await press(page, 'Shift+?');
    await click(page, 'shortcuts.close');
    await untilGone(page, 'shortcuts.close');
    // The pin of above.
    await widget(page, 'pinned.1');
  }, {viewport: {width: 1280, height: 1000}});
});

test('the sheet of keys opens by its button and closes by a click beside it and by Escape', async () => {
  await visit('?run=click#experiment=classify', async (page) => {
    await click(page, 'shortcuts');
    await widget(page, 'shortcuts.close');
    await page.mouse.click(60, 780, {delay: 60});
    await untilGone(page, 'shortcuts.close');
    await click(page, 'shortcuts');
    await widget(page, 'shortcuts.close');
    await page.keyboard.press('Escape', {delay: 60});
    await untilGone(page, 'shortcuts.close');
  });
});

test('typed keys are not commands while a value is being typed, and Enter takes it', async () => {
  await visit('?run=click#experiment=classify&seed=3', async (page) => {
    await click(page, 'value.hidden');
    await page.keyboard.press('Control+a', {delay: 60});
    for (const key of ['4', '0', 'n', 's']) {
      await page.keyboard.press(key, {delay: 60});
      await page.waitForTimeout(40);
    }
    await page.keyboard.press('Backspace', {delay: 60});
    await page.keyboard.press('Backspace', {delay: 60});
    await page.keyboard.press('Enter', {delay: 60});
    await untilValue(page, 'hidden', 40);
    const {seed, step} = await pg(page, () => window.playground.get());
    assert.deepEqual([seed, step], [3, 0]);
  });
});

test('a double click on a slider, its number or its name gives the default back', async () => {
  for (const id of ['parameter.noise', 'value.noise', 'help.noise'])
    await visit('?run=click#experiment=classify&noise=0.3', async (page) => {
      await doubleClick(page, id, 0.9);
      await untilValue(page, 'noise', 0.05);
      // No typing is left open.
      await widget(page, 'value.noise');
    });
});

test('a switch, a drop-down, buttons side by side, Undo, and help on a label', async () => {
  await visit('?run=click#experiment=classify', async (page) => {
    await click(page, 'parameter.lift', 0.9);
    await untilValue(page, 'lift', true);
    await untilShown(page, 'parameter.lift', 'on');
    await click(page, 'parameter.solver');
    await click(page, 'parameter.solver.midpoint');
    await untilValue(page, 'solver', 'midpoint');
    await untilGone(page, 'parameter.solver.midpoint');
    await click(page, 'parameter.readout.MLP');
    await untilValue(page, 'readout', 'mlp');
    await page.mouse.move(130, 650);
    await page.mouse.wheel(0, 3000);
    await click(page, 'undo');
    await untilValue(page, 'readout', 'linear');
    assert.equal(await value(page, 'solver'), 'midpoint');
    await page.mouse.move(130, 650);
    await page.mouse.wheel(0, -3000);
    const label = await until(page, () => window.playground.widgets().find(({id}) => id === 'help.noise'));
    const around = {x: label.x, y: label.y + label.height, width: 400, height: 60};
    await page.mouse.move(640, 775);
    const plain = await picture(page, around);
    // The page is at rest and so is the pointer: the help comes by itself.
    await page.mouse.move(label.x + 20, label.y + 12);
    await page.waitForTimeout(1500);
    assert.ok(!(await picture(page, around)).equals(plain), 'the help shows');
  });
});

test('arrows go from control to control, Enter presses', async () => {
  await visit('?run=click#experiment=classify', async (page) => {
    await page.locator('#canvas').focus();
    // From wherever the focus begins, along the experiments to another one.
    await page.keyboard.press('ArrowRight', {delay: 60});
    for (let i = 0; i < 3; ++i) await page.keyboard.press('ArrowRight', {delay: 60});
    const before = await pg(page, () => JSON.stringify(window.playground.get()));
    await page.keyboard.press('Enter', {delay: 60});
    await until(page, (old) => JSON.stringify(window.playground.get()) !== old, before);
  });
});

test('scrubber and transport: t is put where the knob is, runs and holds; seed and speed', async () => {
  await visit('?run=click#experiment=classify', async (page) => {
    const {x, y, width, height} = await widget(page, 'time');
    await drag(page, {x: x + width - 7, y: y + height / 2}, {x: x + width / 2, y: y + height / 2});
    await untilShown(page, 'time', '0.50');
    await click(page, 'time.play');
    await until(page, () => Number(window.playground.widgets().find(({id}) => id === 'time').value) > 0.55);
    await click(page, 'time.play');
    await until(page, () => window.playground.widgets().find(({id}) => id === 'time.play').label === 'Let t run');
    const {seed} = await pg(page, () => window.playground.get());
    await click(page, 'seed');
    await until(page, (old) => window.playground.get().seed !== old, seed);
    for (const speed of [1, 5, 20, 0]) {
      await click(page, 'speed');
      await until(page, (speed) => window.playground.get().speed === speed, speed);
    }
  }, {reducedMotion: 'no-preference'});
});

test('at one step a second it takes its time', async () => {
  await visit('?run=click#experiment=classify', async (page) => {
    await click(page, 'speed');
    await until(page, () => window.playground.get().speed === 1);
    await click(page, 'play');
    await until(page, () => window.playground.metrics().step >= 2);
    await page.waitForTimeout(1000);
    const {step} = await pg(page, () => window.playground.metrics());
    assert.ok(step <= 6, `${step} steps`);
  });
});

test('drawing tools: two classes, the eraser, undo, clear', async () => {
  await visit('?run=click#experiment=classify&data=own', async (page) => {
    const draw = async (fx, fy) => click(page, 'plot.flow', fx, fy);
    await draw(0.3, 0.6);
    await untilRows(page, 1);
    await click(page, 'brush.b');
    await untilShown(page, 'brush.b', 'on');
    await draw(0.6, 0.6);
    await untilRows(page, 2);
    assert.deepEqual((await rows(page)).map((row) => row.split(',')[2]), ['0', '1']);
    await click(page, 'edit.undo');
    await untilRows(page, 1);
    await draw(0.7, 0.5);
    await untilRows(page, 2);
    await click(page, 'brush.erase');
    await draw(0.3, 0.6);
    await untilRows(page, 1);
    assert.equal((await rows(page))[0].split(',')[2], '1');
    await click(page, 'edit.clear');
    await untilRows(page, 0);
    await click(page, 'brush.a');
    await page.keyboard.down('Shift');
    await page.keyboard.up('Shift');
    await draw(0.5, 0.5);
    await untilRows(page, 1);
    await click(page, 'edit.csv');
    await page.locator('#data-dialog').waitFor();
  });
});

test('drawn trajectories: points of one, then of another', async () => {
  await visit('?run=click#experiment=dynamics&data=own', async (page) => {
    await click(page, 'plot.phase', 0.3, 0.6);
    await click(page, 'plot.phase', 0.4, 0.65);
    await untilRows(page, 2);
    await click(page, 'brush.new');
    await click(page, 'plot.phase', 0.6, 0.7);
    await untilRows(page, 3);
    await click(page, 'plot.phase', 0.7, 0.7);
    await untilRows(page, 4);
    assert.equal(new Set((await rows(page)).map((row) => row.split(',').at(-1))).size, 2);
  });
});

test('who draws goes on drawing where he is; a drag draws a curve, and the keys take back one at a time', async () => {
  await visit('?run=click#experiment=dynamics&data=own', async (page) => {
    const plot = await widget(page, 'plot.phase');
    const numbers = async () => (await rows(page)).map((row) => row.split(',').map(Number));
    const at = (angle, radius = 90) => ({
      x: Math.round(plot.x + plot.width / 2 + radius * Math.cos(angle)),
      y: Math.round(plot.y + plot.height * 0.55 + radius * Math.sin(angle)),
    });
    const pressed = [];
    for (let i = 0; i < 7; ++i) {
      pressed.push(at(i));
      await page.mouse.click(pressed[i].x, pressed[i].y);
      await untilRows(page, i + 1);
      // A picture of the point, whose axes are others.
      const {number} = await pg(page, () => ({number: window.playground.frame()?.plots[0].layers.length}));
      assert.ok(number > 0);
    }
    const ring = await numbers();
    const pixel = (ring[3][1] - ring[0][1]) / (pressed[3].x - pressed[0].x);
    for (const [i, [, x, y]] of ring.entries()) {
      const dx = (x - ring[0][1]) / pixel - (pressed[i].x - pressed[0].x);
      const dy = (ring[0][2] - y) / pixel - (pressed[i].y - pressed[0].y);
      assert.ok(Math.hypot(dx, dy) < 0.75, `point ${i} lies ${dx.toFixed(2)}, ${dy.toFixed(2)} px off`);
    }
    const from = at(0, 65), to = at(Math.PI, 65);
    await drag(page, from, to);
    await untilRows(page, 7 + 1 + Math.floor(Math.hypot(to.x - from.x, to.y - from.y) / 12));
    const curve = (await numbers()).slice(7);
    assert.deepEqual([...new Set(curve.map((row) => row.at(-1)))], [1], 'a trajectory of its own');
    for (const [i, [, x]] of curve.entries())
      assert.ok(Math.abs((curve[0][1] - x) / pixel - 12 * i) < 0.5, `point ${i} of the curve`);
    await page.keyboard.press('Control+z');
    await untilRows(page, 7);
    await page.keyboard.press('Control+z');
    await untilRows(page, 6);
    assert.equal(await value(page, 'data'), 'own');
    const offersWhole = () => pg(page, () => window.playground.widgets().some(({id}) => id === 'edit.whole'));
    assert.ok(await offersWhole(), 'the view is not the one that the axes ask for');
    await page.keyboard.press('f');
    await until(page, () => !window.playground.widgets().some(({id}) => id === 'edit.whole'));
    await page.waitForTimeout(300);
    assert.equal(await offersWhole(), false, 'and stays whole');
  });
});

test('a point ends a training, and undo brings it back', async () => {
  await visit('?run=click#experiment=classify&data=own', async (page) => {
    await pg(page, () => window.playground.setData(Array.from({length: 40}, (_, i) => `${i % 2 ? 1 : -1},${i / 40},${i % 2}`).join('\n')));
    await pg(page, () => window.playground.step(30));
    const loss = await pg(page, () => window.playground.metrics().loss);
    await click(page, 'plot.flow', 0.5, 0.6);
    await untilRows(page, 41);
    await until(page, () => window.playground.metrics().step === 0);
    await until(page, () => window.playground.get().notes.some((note) => note.includes('starts over')));
    await page.keyboard.press('Control+z');
    await untilRows(page, 40);
    await until(page, () => window.playground.metrics().step === 30);
    assert.equal(await pg(page, () => window.playground.metrics().loss), loss);
  });
});

test('a digit is drawn with the pointer held, read, rubbed out and cleared', async () => {
  await visit('?run=click#experiment=digits', async (page) => {
    const ink = () => pg(page, () => window.playground.frame().plots[0].layers[0].z.filter((each) => each > 0).length);
    const untilDigit = (read) => until(page, (read) => (window.playground.metrics().digit !== null) === read, read);
    await widget(page, 'brush.a');
    const plot = await widget(page, 'plot.digit');
    const at = (fx, fy) => ({x: plot.x + fx * plot.width, y: plot.y + fy * plot.height});
    await untilDigit(false);  // a test digit lies on the square, until something is drawn
    await drag(page, at(0.2, 0.4), at(0.2, 0.6));
    await untilDigit(true);
    const drawn = await ink();
    assert.ok(drawn > 5, `${drawn} pixels`);
    await click(page, 'brush.erase');
    await drag(page, at(0.2, 0.4), at(0.2, 0.5));
    await until(page, (old) => window.playground.frame().plots[0].layers[0].z.filter((each) => each > 0).length < old, drawn);
    await click(page, 'edit.clear');
    await untilDigit(false);
  });
});

test('a suggestion sets its values and trains', async () => {
  await visit('?run=click#experiment=classify', async (page) => {
    const [{values}] = await pg(page, () => window.playground.experiments().find(({name}) => name === 'classify').suggestions);
    await page.mouse.move(1120, 600);
    await page.mouse.wheel(0, 3000);
    await click(page, 'try.0');
    await until(page, () => window.playground.get().running && window.playground.metrics().step > 0);
    await pg(page, () => window.playground.pause());
    for (const [name, wanted] of values) assert.equal(String(await value(page, name)), wanted, name);
  });
});

test('a note is dismissed', async () => {
  await visit('?run=click#experiment=classify&nonsense=1', async (page) => {
    await until(page, () => window.playground.get().notes.length === 1);
    await click(page, 'note.0');
    await until(page, () => window.playground.get().notes.length === 0);
  });
});

test('the data dialog: a file is read, data are downloaded, Cancel changes nothing', async () => {
  await visit('?run=click#experiment=classify', async (page) => {
    await click(page, 'open_data');
    await page.locator('#data-text').fill('0,0,0');
    await page.locator('#data-cancel').click();
    await page.locator('#data-dialog').waitFor({state: 'hidden'});
    assert.equal(await value(page, 'data'), 'spirals');
    assert.equal(await pg(page, () => document.activeElement.id), 'canvas');
    const csv = `x,y,label\n${Array.from({length: 30}, (_, i) => `${i / 30},${i % 2},${i % 2}`).join('\n')}\n`;
    await click(page, 'open_data');
    const choosing = page.waitForEvent('filechooser');
    await page.locator('#data-file').click();
    await (await choosing).setFiles({name: 'own.csv', mimeType: 'text/csv', buffer: Buffer.from(csv)});
    await untilValue(page, 'data', 'own');
    await untilRows(page, 30);
    await click(page, 'open_data');
    const downloading = page.waitForEvent('download');
    await page.locator('#data-download').click();
    assert.equal((await downloading).suggestedFilename(), 'classify.csv');
  });
});

test('a file dropped on the page is read', async () => {
  await visit('?run=click#experiment=classify', async (page) => {
    const shown = await pg(page, () => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(
        [Array.from({length: 30}, (_, i) => `${i / 30},${i % 2},${i % 2}`).join('\n')], 'own.csv', {type: 'text/csv'}));
      const send = (type) => document.getElementById('canvas').dispatchEvent(
        new DragEvent(type, {bubbles: true, cancelable: true, dataTransfer: transfer}));
      send('dragover');
      const dropping = document.documentElement.classList.contains('dropping');
      send('drop');
      return dropping;
    });
    assert.ok(shown, 'it says that it can be dropped');
    await untilValue(page, 'data', 'own');
    await untilRows(page, 30);
  });
});

test('embedded: a click activates it, settings lie over the picture, the full page opens beside', async () => {
  await visit('?embed=1#experiment=classify', async (page) => {
    await click(page, 'settings');
    await click(page, 'parameter.data.moons');
    await untilValue(page, 'data', 'moons');
    await click(page, 'settings');
    await untilGone(page, 'parameter.data.moons');
    const opening = page.waitForEvent('popup');
    await click(page, 'open_full_page');
    const full = await opening;
    await full.waitForFunction(() => window.playground?.ready.then(() => true));
    const address = new URL(full.url());
    assert.equal(address.searchParams.get('embed'), null);
    assert.ok(address.hash.includes('data=moons'), address.hash);
    await click(page, 'play');
    await until(page, () => window.playground.metrics().step > 3);
  }, {viewport: {width: 720, height: 450}});
});

test('locked: settings are seen, not changed', async () => {
  await visit('?run=click&lock=1#experiment=classify', async (page) => {
    await click(page, 'parameter.data.moons');
    await click(page, 'parameter.lift', 0.9);
    await click(page, 'step');
    await until(page, () => window.playground.metrics().step === 1);
    assert.deepEqual([await value(page, 'data'), await value(page, 'lift')], ['spirals', false]);
  });
});
