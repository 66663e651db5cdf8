// What every screen, pointer and browser has to allow: every kind of widget used once, and drawing. One page load each.
import assert from 'node:assert/strict';
import {crop, difference} from './png.mjs';
import {middle, overlap, within} from './visitor.mjs';

export const start = '?run=click#experiment=classify&seed=3';

const step = (visitor) => visitor.evaluate(() => window.playground.metrics().step);
// Where the knob of a slider is when its value is `fraction` of the way.
const KNOB = 7;
export const knob = ({x, y, width, height}, fraction) =>
  ({x: x + KNOB + fraction * (width - 2 * KNOB), y: y + height / 2});

// The plot in the large place.
export async function hero(visitor) {
  await visitor.until(() => window.playground.widgets().some(({kind}) => kind === 'plot'));
  const plots = (await visitor.widgets()).filter(({kind}) => kind === 'plot');
  return plots.sort((a, b) => b.width * b.height - a.width * a.height)[0];
}

export async function trains(visitor) {
  await visitor.click('step');
  await visitor.until(() => window.playground.metrics().step === 1);
  await visitor.click('play');
  await visitor.until(() => window.playground.get().running && window.playground.metrics().step > 3);
  await visitor.click('play');
  await visitor.until(() => !window.playground.get().running);
  await visitor.click('reset');
  await visitor.until(() => window.playground.metrics().step === 0);
}

// The scrubber: t is where the knob was let go, to two digits.
export async function movesTime(visitor) {
  for (const [from, to] of [[1, 0.5], [0.5, 0]]) {
    const track = await visitor.widget('time');
    await visitor.drag(knob(track, from), knob(track, to), {steps: 3});
    // A pixel of the track is what a pointer can mean.
    await visitor.until(([to, pixel]) => {
      const {value} = window.playground.widgets().find(({id}) => id === 'time');
      return Math.abs(Number(value) - to) <= pixel + 0.005;
    }, [to, 1 / (track.width - 2 * KNOB)], 5000);
  }
}

export async function dismissesNote(visitor) {
  await visitor.evaluate(() => void window.playground.setData('1,2,0\n1,oops,0').catch(() => {}));
  await dismissesNotes(visitor);
}

async function dismissesNotes(visitor) {
  await visitor.until(() => window.playground.widgets().some(({id}) => id.startsWith('note.')));
  for (let left = 1; left > 0;) {
    const notes = (await visitor.widgets()).filter(({id}) => id.startsWith('note.'));
    if ((left = notes.length) === 0) break;
    await visitor.click(notes.at(-1).id);
    await visitor.until((left) => window.playground.widgets().filter(({id}) => id.startsWith('note.')).length < left, left, 5000);
  }
}

// The middle of the picture, without the read-outs at its edges.
async function core(visitor) {
  const plot = await hero(visitor);
  const side = Math.min(64, plot.height / 4);
  const centre = within(plot, 0.5, 0.55);
  return {x: centre.x - side / 2, y: centre.y - side / 2, width: side, height: side};
}

export async function navigates(visitor) {
  const place = await core(visitor), at = middle(place);
  const seen = async () => {
    if (!visitor.finger) await visitor.engine.move(visitor.engine.place({x: at.x, y: place.y + place.height + 30}));
    return await visitor.picture(place);
  };
  const whole = await seen();
  await visitor.zoom(at, 1.7);
  const large = await seen();
  assert.ok(!large.equals(whole), 'the picture is enlarged');
  const away = {x: at.x + 40, y: at.y + 20};
  await visitor.drag(at, away);
  assert.ok(!(await seen()).equals(large), 'the picture is moved');
  // Two clicks are one double click only when both are drawn soon enough: on a busy machine not every time.
  let back = large;
  for (let i = 0; i < 4 && !back.equals(whole); ++i) {
    await visitor.doubleTap(at);
    back = await seen();
  }
  assert.ok(back.equals(whole), 'a double click shows the whole');
}

export async function switchesLegend(visitor) {
  for (const wanted of ['', 'on']) {
    await visitor.click('legend.flow/class A');
    await visitor.untilShown('legend.flow/class A', wanted);
  }
}

export async function setsParameters(visitor) {
  await visitor.click('parameter.data.moons');
  await visitor.untilValue('data', 'moons');

  await visitor.reveal('parameter.noise');
  const track = await visitor.widget('parameter.noise');
  const {minimum, maximum} = await visitor.evaluate(() => window.playground.experiments()
    .find(({name}) => name === 'classify').parameters.find(({name}) => name === 'noise'));
  const share = (await visitor.value('noise') - minimum) / (maximum - minimum);
  await visitor.drag(knob(track, share), knob(track, 0.5), {steps: 3});
  await visitor.until(([wanted, pixel]) => Math.abs(window.playground.get().values.noise - wanted) <= pixel,
                      [(minimum + maximum) / 2, 1.5 * (maximum - minimum) / (track.width - 2 * KNOB)], 5000);

  await visitor.click('parameter.lift', 0.9);
  await visitor.untilValue('lift', true);
  await typesValue(visitor, 'hidden', 17);
  await visitor.click('parameter.readout.MLP');
  await visitor.untilValue('readout', 'mlp');
  await visitor.click('parameter.solver');
  await visitor.untilListed('parameter.solver.');
  await visitor.settle(); // a list that is longer than the screen scrolls to what is chosen
  await visitor.click('parameter.solver.midpoint');
  await visitor.untilValue('solver', 'midpoint');
  await visitor.untilGone('parameter.solver.midpoint');
  await visitor.click('undo');
  await visitor.untilValue('solver', 'rk4');
}

export async function typesValue(visitor, name, wanted) {
  await visitor.click(`value.${name}`);
  // In a field of the page; a page without one takes it on the canvas, where the number was.
  await visitor.until((id) => document.activeElement?.tagName === 'INPUT' || (!document.querySelector('#value-input, #value-field') &&
    !window.playground.widgets().some((each) => each.id === id)), `value.${name}`, 10000);
  await visitor.engine.press('Control+a');
  await visitor.engine.type(String(wanted));
  await visitor.engine.press('Enter');
  await visitor.untilValue(name, wanted);
}

export async function showsTable(visitor) {
  await visitor.click('numbers.loss');
  await visitor.until(() => window.playground.widgets().some(({id}) => id === 'table.loss'));
  await visitor.click('numbers.loss');
  await visitor.untilGone('table.loss');
}

// Two classes of points: each is drawn under the pointer that set it, and their data are as far apart as the places were.
export async function draws(visitor) {
  await visitor.click('parameter.data.own');
  await visitor.untilValue('data', 'own');
  if ((await visitor.find('settings'))?.value === 'on') await visitor.click('settings');
  // In the corners of the picture: what is drawn between them does not change what it shows; and how large a point is
  // drawn changes with their number, as one or another is kept for testing.
  const {width, height} = await hero(visitor), aspect = width / (0.75 * height);
  await visitor.evaluate((csv) => window.playground.setData(csv), Array.from({length: 16}, (_, i) =>
    `${(i & 1 ? 1 : -1) * aspect + (i >> 2) / 50},${i & 2 ? 1 : -1},${i & 1}`).join('\n'));
  await visitor.until(() => window.playground.frame()?.step === 0 && window.playground.widgets().some(({id}) => id === 'brush.b'));
  await dismissesNotes(visitor); // what was read as what: it would cover a part of the picture
  const track = await visitor.widget('time');
  await visitor.tap(knob(track, 0));
  await visitor.untilShown('time', '0.00');
  await visitor.evaluate(() => {
    window.rowsOf = (csv) => csv.trim().split('\n').slice(1).map((row) => row.split(',').map(Number));
  });
  const places = await freePlaces(visitor, 3);
  const low = Math.round(Math.min(...places.map(({x}) => x))) - 12, high = Math.round(Math.min(...places.map(({y}) => y))) - 12;
  const around = {x: low, y: high, width: Math.max(...places.map(({x}) => x)) + 12 - low,
                  height: Math.max(...places.map(({y}) => y)) + 12 - high};
  const before = await visitor.picture(around);
  const drawn = [];
  for (const [i, at] of places.entries()) {
    if (i === 1) {
      await visitor.click('brush.b');
      await visitor.untilShown('brush.b', 'on');
    }
    await visitor.tap(at);
    await visitor.until((count) => rowsOf(window.playground.exportData()).length === count, 17 + i);
    drawn.push({at, row: (await visitor.evaluate(() => rowsOf(window.playground.exportData()))).at(-1)});
  }
  assert.deepEqual(drawn.map(({row}) => row[2]), [0, 1, 1], 'classes');
  let off;
  for (const began = Date.now(); Date.now() - began < 30000;) {  // the trainer takes them before the picture shows them
    await visitor.settle();
    off = distances(before, await visitor.picture(around), places.map((at) => visitor.engine.place(at)));
    if (off.every(Boolean)) break;
  }
  for (const each of off) {
    assert.ok(each, 'a point appears where it was set');
    assert.ok(Math.hypot(each.x, each.y) < 1, `the point lies ${each.x.toFixed(2)}, ${each.y.toFixed(2)} px off`);
  }
  // One pixel is as much everywhere, across and upwards.
  const [a, b, c] = drawn;
  const pixel = (b.row[0] - a.row[0]) / (b.at.x - a.at.x);
  for (const [one, other] of [[a, b], [a, c], [b, c]]) {
    assert.ok(Math.abs(other.row[0] - one.row[0] - pixel * (other.at.x - one.at.x)) < 1.5 * Math.abs(pixel), 'x as pressed');
    assert.ok(Math.abs(other.row[1] - one.row[1] + pixel * (other.at.y - one.at.y)) < 1.5 * Math.abs(pixel), 'y as pressed');
  }
  await drawsCurve(visitor);
}

// A row of points by one drag, taken back at once.
async function drawsCurve(visitor) {
  const plot = await hero(visitor), count = () => visitor.evaluate(() => rowsOf(window.playground.exportData()).length);
  const before = await count();
  await visitor.drag(within(plot, 0.4, 0.5), within(plot, 0.6, 0.5), {steps: 4});
  const wanted = before + 1 + Math.floor(0.2 * plot.width / 12);
  await visitor.until(([low, high]) => [low, high].includes(rowsOf(window.playground.exportData()).length), [wanted, wanted - 1]);
  await visitor.click('edit.undo');
  await visitor.until((count) => rowsOf(window.playground.exportData()).length === count, before);
}

// How far from these places of the window the middle lies of what has changed about them; null where nothing has.
const distances = (before, after, places) => places.map((at) => {
  const {clip, ratio} = after, half = Math.round(10 * ratio);
  const x = Math.round((at.x - clip.x) * ratio), y = Math.round((at.y - clip.y) * ratio);
  const there = {x: Math.max(0, x - half), y: Math.max(0, y - half)};
  there.width = Math.min(x + half, after.width) - there.x;
  there.height = Math.min(y + half, after.height) - there.y;
  const found = difference(crop(before, there), crop(after, there));
  return found.count === 0 ? null :
    {x: (there.x + found.x) / ratio + clip.x - at.x, y: (there.y + found.y) / ratio + clip.y - at.y};
});

// Places of the picture with nothing else near, far apart.
async function freePlaces(visitor, count) {
  const plot = await hero(visitor);
  const others = (await visitor.widgets()).filter((each) => each.id !== plot.id);
  // There it tells where the pointer is.
  others.push({x: plot.x + plot.width - 160, y: plot.y + plot.height - 70, width: 160, height: 70});
  const free = [];
  for (const fy of [0.6, 0.5, 0.7, 0.45, 0.55, 0.65, 0.75, 0.4, 0.3])
    for (const fx of [0.3, 0.7, 0.5, 0.4, 0.6, 0.2, 0.8]) {
      const {x, y} = within(plot, fx, fy), at = {x: Math.round(x), y: Math.round(y)};
      const around = {x: at.x - 24, y: at.y - 24, width: 48, height: 48};
      const apart = free.every((each) => Math.abs(each.x - at.x) > 45 && Math.abs(each.y - at.y) > Math.min(24, plot.height / 12));
      if (apart && !others.some((each) => overlap(each, around))) free.push(at);
      if (free.length === count) return free;
    }
  throw new Error('the picture has no room to draw');
}

export async function opensExperiment(visitor, name) {
  await visitor.click(`experiment.${name}`);
  await visitor.until((name) => window.playground.get().experiment === name, name);
}

export async function drawsDigit(visitor) {
  await opensExperiment(visitor, 'digits');
  await visitor.until(() => window.playground.frame()?.plots.some(({id}) => id === 'digit') &&
    window.playground.metrics().digit === null);
  const plot = await visitor.widget('plot.digit');
  await visitor.drag(within(plot, 0.2, 0.45), within(plot, 0.2, 0.6));
  await visitor.until(() => window.playground.metrics().digit !== null);
  const ink = () => visitor.evaluate(() => window.playground.frame().plots[0].layers[0].z.filter((each) => each > 0).length);
  await visitor.until(() => window.playground.frame().plots[0].layers[0].z.filter((each) => each > 0).length > 5, undefined, 5000);
  return ink();
}

export async function closesHint(visitor) {
  await hero(visitor);  // it has been drawn
  if (!(await visitor.find('hint.close'))) return;
  await visitor.click('hint.close');
  await visitor.untilGone('hint.close');
}

export async function everyWidget(visitor, {time = (name, part) => part()} = {}) {
  for (const part of [closesHint, trains, movesTime, dismissesNote, navigates, switchesLegend, setsParameters, showsTable]) {
    await time(part.name, () => part(visitor));
  }
}

// Around a frame: the knob of the scrubber let go over the page beside it stays there, and no later move takes it along.
export async function letGoBeside(visitor, box) {
  const beside = {
    left: (at) => ({x: box.x - 50, y: at.y}), right: (at) => ({x: box.x + box.width + 40, y: at.y}),
    upper: (at) => ({x: at.x, y: box.y - 50}), lower: (at) => ({x: at.x, y: box.y + box.height + 25}),
  };
  for (const [side, wanted] of [['left', 0], ['right', 1], ['upper', 0.75], ['lower', 0.75]]) {
    const track = await visitor.widget('time');
    const at = (fraction) => visitor.engine.place(knob(track, fraction));
    await visitor.drag(knob(track, 0.4), knob(track, 0.75), {kept: true});
    await visitor.settle();
    const way = beside[side](at(0.75));
    await visitor.engine.move({x: (at(0.75).x + way.x) / 2, y: (at(0.75).y + way.y) / 2});
    await visitor.engine.move(way);
    await visitor.settle();
    await visitor.engine.up(way);
    await visitor.settle();
    const shown = async () => Number((await visitor.widget('time')).value);
    const left = await shown();
    assert.ok(Math.abs(left - wanted) < 0.02, `let go beyond the ${side} side: ${left}, not ${wanted}`);
    if (!visitor.finger)
      for (const fraction of [0.2, 0.5]) await visitor.engine.move(at(fraction));
    await visitor.settle();
    assert.equal(await shown(), left, `let go beyond the ${side} side, t follows the pointer`);
  }
  await visitor.evaluate(() => window.playground.reset());
  await visitor.click('step');
  await visitor.until(() => window.playground.metrics().step === 1);
}
