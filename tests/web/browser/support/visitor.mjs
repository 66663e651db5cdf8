// Somebody in front of the page: finds what the canvas shows, brings it into sight, and uses it by mouse, finger or pen.
// Which browser, which pointer and where the page lies in its window are the engine's matter:
//   evaluate(function, argument)   runs in the page
//   down(at), move(at), up(at)     of the pointer, in CSS pixels of the window; also beyond its edges where `outside` is set
//   wheel(at, dx, dy)              of a mouse
//   fingers(type, ...places)       of a touch screen: 'touchStart', 'touchMove', 'touchEnd', 'touchCancel'
//   press(key), type(text)         the keyboard
//   screenshot(clip)               a rectangle of the window, as support/png.mjs has pictures
//   place(at)                      where a point of the page (its own CSS pixels) lies in the window

const PATIENCE = Number(process.env.PATIENCE ?? 30000);  // ms
const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const middle = ({x, y, width, height}) => ({x: x + width / 2, y: y + height / 2});
export const within = ({x, y, width, height}, fx, fy) => ({x: x + fx * width, y: y + fy * height});
export const overlap = (a, b, slack = 0) =>
  a.x + slack < b.x + b.width && b.x + slack < a.x + a.width && a.y + slack < b.y + b.height && b.y + slack < a.y + a.height;
const area = ({width, height}) => width * height;

// What scrolls with a widget, and the tab or the button behind which both may be.
const PARAMETERS = /^(parameter|value|help)\.|^undo$/;
const CURVES = /^(enlarge|numbers|plot|legend|copy|table|pinned)\./;
const ABOUT = /^try\./;

// The panel below the tabs, also where nothing in it can be pressed.
function underTabs(all, screen) {
  const tabs = all.filter(({kind}) => kind === 'tab');
  if (tabs.length === 0) return null;
  const x = Math.min(...tabs.map((each) => each.x)), y = tabs[0].y + tabs[0].height + 4;
  const width = Math.max(...tabs.map((each) => each.x + each.width)) - x;
  const below = all.filter((each) => each.y > y && each.x + each.width > x && each.x < x + width).map((each) => each.y);
  return {x, y, width, height: Math.min(...below, screen - 4, y + 120) - y};
}

export class Visitor {
  constructor(engine) {
    this.engine = engine;
    this.finger = engine.kind === 'touch';
  }

  // --- looking
  evaluate(probe, argument) {
    return this.engine.evaluate(probe, argument);
  }

  async until(probe, argument, timeout = PATIENCE) {
    for (const began = Date.now();;) {
      const found = await this.evaluate(probe, argument);
      if (found) return found;
      if (Date.now() - began > timeout) {
        throw new Error(`not within ${timeout / 1000} s: ${String(probe)} of ${JSON.stringify(argument)}`);
      }
      await rest(50);
    }
  }

  widgets() {
    return this.evaluate(() => window.playground.widgets());
  }

  // undefined: it is not there, or so little of it that nobody would hit it.
  async find(id) {
    return (await this.widgets()).find((each) => each.id === id && each.width >= 12 && each.height >= 12);
  }

  async widget(id, timeout = 10000) {
    for (const began = Date.now();; await rest(50)) {
      const found = await this.find(id);
      if (found) return found;
      if (Date.now() - began > timeout) throw new Error(`no widget ${id}`);
    }
  }

  async untilShown(id, value) {
    await this.until(([id, value]) => window.playground.widgets().find((each) => each.id === id)?.value === value, [id, value]);
  }

  // A list that was opened is drawn.
  async untilListed(prefix) {
    await this.until((prefix) => window.playground.widgets().some(({id, kind}) => kind === 'option' && id.startsWith(prefix)), prefix);
  }

  async untilGone(id) {
    await this.until((id) => !window.playground.widgets().some((each) => each.id === id), id);
  }

  value(name) {
    return this.evaluate((name) => window.playground.get().values[name], name);
  }

  async untilValue(name, wanted) {
    await this.until(([name, wanted]) => window.playground.get().values[name] === wanted, [name, wanted]);
  }

  // Until what was on its way has been drawn.
  async settle() {
    await rest(100);
    await this.evaluate(() => new Promise((resolve) => {
      let frames = 0;
      const next = () => (++frames > 6 ? resolve(true) : requestAnimationFrame(next));
      next();
    }));
  }

  // The pixels of a rectangle of the page, once they rest: with `clip`, where they are in the window, and their ratio to it.
  async picture({x, y, width, height}) {
    const low = this.engine.place({x, y}), high = this.engine.place({x: x + width, y: y + height});
    const whole = 4;  // pixels that are whole device pixels at ratios of quarters
    const clip = {x: Math.floor(low.x / whole) * whole, y: Math.floor(low.y / whole) * whole};
    clip.width = Math.ceil((high.x - clip.x) / whole) * whole;
    clip.height = Math.ceil((high.y - clip.y) / whole) * whole;
    let last = null;
    for (let i = 0; i < 100; ++i) {
      const now = await this.engine.screenshot(clip);
      if (last?.equals(now)) return Object.assign(now, {clip, ratio: now.width / clip.width});
      last = now;
      await rest(60);
    }
    throw new Error('the picture does not come to rest');
  }

  // --- the pointer
  async tap(at) {
    const there = this.engine.place(at);
    if (!this.finger) await this.engine.move(there);
    if (this.engine.kind === 'mouse') {
      await this.engine.down(there);
      await rest(50);
      await this.engine.up(there);
    } else {  // Without waiting in between: on a busy machine a wait may make a long press of it.
      await Promise.all([this.engine.down(there), this.engine.up(there)]);
    }
  }

  // Places of the page, along a way; let go at its end unless it is `kept`.
  async drag(from, to, {steps = 6, kept = false} = {}) {
    const a = this.engine.place(from), b = this.engine.place(to);
    if (!this.finger) await this.engine.move(a);
    await this.engine.down(a);
    await rest(30);
    for (let i = 1; i <= steps; ++i) {
      await this.engine.move({x: a.x + (b.x - a.x) * i / steps, y: a.y + (b.y - a.y) * i / steps});
      await rest(10);
    }
    await rest(30);
    if (!kept) await this.engine.up(b);
  }

  async click(id, fx = 0.5, fy = 0.5) {
    await this.tap(within(await this.reveal(id), fx, fy));
  }

  // Without waiting, too: else it may be two clicks.
  async doubleTap(at) {
    const there = this.engine.place(at);
    if (!this.finger) await this.engine.move(there);
    await Promise.all([1, 2].flatMap(() => [this.engine.down(there), this.engine.up(there)]));
  }

  // Up is positive: what lies further down comes into sight.
  async scroll(box, distance) {
    if (!this.finger) return this.engine.wheel(this.engine.place(middle(box)), 0, Math.round(distance));
    const x = box.x + Math.min(24, box.width / 4), y = box.y + box.height / 2;
    const most = Math.max(12, box.height / 2 - 6), half = Math.max(-most, Math.min(most, distance / 2));
    await this.drag({x, y: y + half}, {x, y: y - half}, {steps: 4});
  }

  // Enlarges the picture about a place: the wheel, or two fingers that part. Below 1 it shrinks.
  async zoom(at, factor) {
    const there = this.engine.place(at);
    if (!this.finger) {
      for (let i = 0; i < 3; ++i) await this.engine.wheel(there, 0, factor > 1 ? -120 : 120);
      return;
    }
    const begin = factor > 1 ? 40 : 40 / factor, steps = 8;
    const apart = (span) => [{x: there.x - span / 2, y: there.y}, {x: there.x + span / 2, y: there.y}];
    await this.engine.fingers('touchStart', apart(begin)[0]);
    await this.engine.fingers('touchStart', ...apart(begin));
    for (let i = 1; i <= steps; ++i) {
      await this.engine.fingers('touchMove', ...apart(begin * factor ** (i / steps)));
      await rest(20);
    }
    await this.engine.fingers('touchEnd');
  }

  // --- bringing into sight
  // The widget, after the tab, list or panel that hides it was opened and scrolled as a person would.
  async reveal(id) {
    const there = await this.find(id);
    if (there) return there;
    const scrolls = await this.open(id);
    for (const direction of await this.above(id) ? [-1, 1] : [1, -1]) {
      for (let i = 0; i < 30; ++i) {
        const seen = await this.settled(id, scrolls, null);
        if (seen.found) return seen.found;
        if (!seen.box) break;
        await this.scroll(seen.box, direction * Math.max(40, seen.box.height * 0.6));
        const moved = await this.settled(id, scrolls, seen.places);
        if (moved.found) return moved.found;
        if (moved.places === seen.places && !seen.blank) break;
      }
    }
    throw new Error(`${id} cannot be brought into sight; there are ${(await this.widgets()).map((each) => each.id).join(' ')}`);
  }

  // Whether a parameter lies above those that are in sight.
  async above(id) {
    const rows = await this.evaluate(() => {
      const {experiment} = window.playground.get();
      return window.playground.experiments().find(({name}) => name === experiment).parameters.map(({name}) => name);
    });
    const row = (id) => rows.indexOf(id.split('.')[1]);
    const first = (await this.widgets()).find((each) => PARAMETERS.test(each.id) && row(each.id) >= 0);
    return PARAMETERS.test(id) && row(id) >= 0 && first && row(id) < row(first.id);
  }

  // Opens what a widget lies behind; returns which widgets scroll with it.
  async open(id) {
    const family = PARAMETERS.test(id) || /^(seed|speed)$/.test(id) ? PARAMETERS : ABOUT.test(id) ? ABOUT : CURVES;
    if (id.startsWith('experiment.')) {
      if (await this.find('experiment')) {
        await this.click('experiment');
        await this.untilListed('experiment.');
      }
      return /^experiment\./;
    }
    const list = id.match(/^parameter\.[^.]+\./);
    if (list && (await this.widgets()).some((each) => each.kind === 'option' && each.id.startsWith(list[0]))) {
      return new RegExp(`^${list[0].replaceAll('.', '\\.')}`);
    }
    const tab = family === PARAMETERS ? 'tab.Parameters' : family === ABOUT ? 'tab.About' : 'tab.Curves';
    const shown = await this.find(tab);
    if (shown && shown.value !== 'on') {
      await this.click(tab);
      await this.untilShown(tab, 'on');
    } else if (!shown && family === PARAMETERS && (await this.find('settings'))?.value === '') {
      await this.click('settings');
      await this.untilShown('settings', 'on');
    }
    return shown ? family : family === PARAMETERS ? PARAMETERS : /^(enlarge|numbers|plot|legend|copy|table|pinned|try)\./;
  }

  // Waits for a moment until the widget is in sight or the others are elsewhere: {found, places, box around them}.
  async settled(id, family, before) {
    let seen;
    const screen = await this.evaluate(() => innerHeight);
    for (const began = Date.now();; await rest(40)) {
      const all = await this.widgets();
      const found = all.find((each) => each.id === id && each.width >= 12 && each.height >= 12);
      const large = all.filter(({kind}) => kind === 'plot' || kind === 'table').sort((a, b) => area(b) - area(a))[0];
      const those = all.filter((each) => family.test(each.id) && each !== large &&
        !(large && each.kind !== 'option' && family !== PARAMETERS && overlap(each, large)));  // a list lies on it
      const box = those.length ? {
        x: Math.min(...those.map(({x}) => x)), y: Math.min(...those.map(({y}) => y)),
        width: Math.max(...those.map(({x, width}) => x + width)) - Math.min(...those.map(({x}) => x)),
        height: Math.max(...those.map(({y, height}) => y + height)) - Math.min(...those.map(({y}) => y)),
      } : null;
      seen = {found, places: JSON.stringify(those.map(({id, y, height}) => [id, y, height])), box: box ?? underTabs(all, screen), blank: !box};
      if (found || (before === null && seen.box) || (before !== null && seen.places !== before)) return seen;
      if (Date.now() - began > 700) return seen;
    }
  }
}
