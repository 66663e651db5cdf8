// Real pointers of Chromium: the mouse, a finger or two, a pen, by the DevTools protocol.

import {decodePng} from './png.mjs';

// `page` is Playwright's, `session` its DevTools session.
const mouse = (page) => ({
  kind: 'mouse',
  move: ({x, y}) => page.mouse.move(x, y),
  down: () => page.mouse.down(),
  up: () => page.mouse.up(),
  async wheel({x, y}, dx, dy) {
    await page.mouse.move(x, y);
    await page.mouse.wheel(dx, dy);
  },
});

const touch = (page, session) => {
  const fingers = (type, ...places) =>
    session.send('Input.dispatchTouchEvent', {type, touchPoints: places.map(({x, y}, id) => ({x, y, id}))});
  return {
    kind: 'touch',
    down: (at) => fingers('touchStart', at),
    move: (at) => fingers('touchMove', at),
    up: () => fingers('touchEnd'),
    fingers,
  };
};

const pen = (page, session) => {
  let held = 0;
  const send = (type, {x, y}, button = 'none') => session.send('Input.dispatchMouseEvent', {
    type, x, y, button, buttons: held, pointerType: 'pen', force: held ? 0.5 : 0, clickCount: button === 'none' ? 0 : 1});
  return {
    kind: 'pen',
    move: (at) => send('mouseMoved', at),
    down: (at) => ((held = 1), send('mousePressed', at, 'left')),
    up: (at) => ((held = 0), send('mouseReleased', at, 'left')),
    async wheel({x, y}, dx, dy) {
      await page.mouse.move(x, y);
      await page.mouse.wheel(dx, dy);
    },
  };
};

export const pointers = {mouse, touch, pen};

// A double click of the mouse, however long the page takes over each of its four events: they are sent at once.
export async function twice(page, {x, y}) {
  const session = await page.context().newCDPSession(page);
  const send = (type, clickCount) => session.send('Input.dispatchMouseEvent', {type, x, y, button: 'left', clickCount});
  await Promise.all([send('mousePressed', 1), send('mouseReleased', 1), send('mousePressed', 2), send('mouseReleased', 2)]);
  await session.detach();
}

// An engine for a Visitor. `frame`: where the playground is, `place`: from its pixels to those of the window.
export async function chromiumEngine(page, {pointer = 'mouse', frame = page.mainFrame(), place = (at) => at} = {}) {
  const session = await page.context().newCDPSession(page);
  return {
    ...pointers[pointer](page, session),
    session,
    outside: true,
    evaluate: (probe, argument) => frame.evaluate(probe, argument),
    press: (key) => page.keyboard.press(key, {delay: 30}),
    type: (text) => page.keyboard.type(text, {delay: 50}),
    screenshot: async (clip) => decodePng(await page.screenshot({clip})),
    place,
  };
}
