// Mouse, finger and pen take one path to Dear ImGui: where they are on the canvas, in CSS pixels, and what they press.

const SOURCES = { mouse: 0, touch: 1, pen: 2 }; // as Dear ImGui counts them
// Bits of `buttons`: left, right, middle; a pen's other end rubs out, as the right button does.
const BUTTONS = [[1, 0], [2 | 32, 1], [4, 2]];
const SLOP = 10; // px that a tapping finger wavers
const LINE = 100 / 3; // px: three lines are a notch of the wheel, and a notch is 100
const SECOND_CLICK = 500, LONG_PRESS = 500; // ms
const RECENT = 100; // ms that tell how fast a finger is as it lifts
const FASTEST_PINCH = 25; // px of ctrl + wheel that count at a time: a trackpad's steps are small, a notch is not

export function tendPointers(canvas, module, { isActive, activate }) {
  const fingers = new Map(); // where each is, by its pointer's id
  let held = null; // the pointer that presses; others wait until it lets go
  let pressed = 0; // its buttons
  let pinch = null; // of two fingers, until both are gone: where their middle was, and how far apart they were
  let last = null; // the press before
  let hold = 0; // the timer of a press that becomes a long one
  let trail = []; // of the finger that presses: the last places it was in
  let tap = null; // a finger on a figure that is not active yet: it may also be on its way over the page

  // Through whatever scale and zoom the canvas is shown.
  function place({ clientX, clientY }) {
    const shown = canvas.getBoundingClientRect();
    return {
      x: ((clientX - shown.left) / shown.width) * (canvas.width / devicePixelRatio),
      y: ((clientY - shown.top) / shown.height) * (canvas.height / devicePixelRatio),
    };
  }

  function move(event) {
    const at = place(event);
    module._playground_point(at.x, at.y, SOURCES[event.pointerType] ?? SOURCES.mouse);
    return at;
  }

  function press(event) {
    for (const [bits, button] of BUTTONS) {
      const down = (event.buttons & bits) !== 0;
      if (down !== ((pressed & bits) !== 0)) module._playground_press(button, down, down && isSecond(event));
    }
    pressed = event.buttons;
  }

  // Whether a press is a double click's second: by the browser's clock, as Dear ImGui's counts frames, which may be slow.
  function isSecond(event) {
    const before = last;
    last = event;
    if (!before || event.timeStamp - before.timeStamp > SECOND_CLICK) return false;
    const away = Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY);
    return away < (event.pointerType === 'mouse' ? SLOP / 2 : 2 * SLOP);
  }

  // What was begun ends where it is, and nothing counts as pressed.
  function cancel() {
    clearTimeout(hold);
    if (held === null) return;
    held = null;
    pressed = 0;
    module._playground_cancel();
  }

  // In CSS pixels a second, up and down; 0: it stood.
  function speed() {
    const [first, last] = [trail[0], trail.at(-1)];
    return trail.length > 1 ? (1000 * (last.y - first.y)) / Math.max(last.time - first.time, 1) : 0;
  }

  function follow(event) {
    const { y } = move(event);
    if (held === null) trail = [];
    if (event.type === 'pointermove') trail.push({ y, time: event.timeStamp });
    trail = trail.filter(({ time }) => event.timeStamp - time < RECENT);
    press(event);
    held = pressed ? event.pointerId : null;
  }

  function pinched() {
    const [a, b] = [...fingers.values()].map(place);
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, span: Math.max(Math.hypot(a.x - b.x, a.y - b.y), 1) };
  }

  function down(event) {
    if (event.pointerType === 'touch') {
      if (!isActive()) {
        tap = event;
        return;
      }
      fingers.set(event.pointerId, event);
      if (fingers.size === 2) {
        cancel();
        pinch = pinched();
      }
    }
    if (pinch || (held !== null && held !== event.pointerId)) return;
    event.preventDefault(); // no text is selected, no mouse events follow a finger's
    try {
      canvas.setPointerCapture(event.pointerId);
    } catch {
      // It has gone already, or a script made the event.
    }
    follow(event);
    // By the browser's clock, too. What has been dragged meanwhile Dear ImGui's side knows.
    clearTimeout(hold);
    if (event.pointerType !== 'mouse') hold = setTimeout(holdOn, LONG_PRESS);
  }

  // A page that was busy hears first that the finger has lifted meanwhile.
  function holdOn() {
    hold = setTimeout(() => module._playground_hold());
  }

  function moved(event) {
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, event);
    if (pinch) {
      if (fingers.size !== 2 || !fingers.has(event.pointerId)) return;
      const now = pinched();
      module._playground_pinch(now.x, now.y, now.span / pinch.span, now.x - pinch.x, now.y - pinch.y);
      pinch = now;
    } else if (held === event.pointerId && event.buttons !== 0) {
      follow(event);
    } else {
      if (held === event.pointerId) cancel(); // it was let go where the page could not hear of it
      if (held === null && event.buttons === 0) move(event);
    }
  }

  function up(event) {
    fingers.delete(event.pointerId);
    if (tap?.pointerId === event.pointerId) {
      if (Math.hypot(event.clientX - tap.clientX, event.clientY - tap.clientY) < SLOP) {
        activate(true);
        move(tap);
        press(tap);
        release(event);
      }
      tap = null;
    } else if (pinch) {
      if (fingers.size === 2) pinch = pinched();
      if (fingers.size === 0) endPinch();
    } else if (held === event.pointerId) {
      release(event);
    }
  }

  function endPinch() {
    if (pinch) module._playground_leave();
    pinch = null;
  }

  function release(event) {
    clearTimeout(hold);
    follow(event);
    if (event.pointerType === 'mouse') return;
    module._playground_fling(speed());
    if (event.pointerType === 'touch') module._playground_leave();
    // Now, not with the next frame: browsers open a keyboard only for a field that is focused while a finger is lifted.
    module._playground_settle();
  }

  function lost(event) {
    fingers.delete(event.pointerId);
    if (fingers.size === 0) endPinch();
    if (tap?.pointerId === event.pointerId) tap = null;
    if (held === event.pointerId) cancel();
  }

  canvas.addEventListener('pointerdown', down);
  canvas.addEventListener('pointermove', moved);
  canvas.addEventListener('pointerup', up);
  canvas.addEventListener('pointercancel', lost);
  canvas.addEventListener('lostpointercapture', lost);
  canvas.addEventListener('pointerleave', () => held === null && module._playground_leave());
  addEventListener('blur', cancel);
  document.addEventListener('visibilitychange', () => document.hidden && cancel());

  takeWheel(canvas, module, { isActive, place });
}

// The wheel scrolls panels and enlarges pictures; with Ctrl, and by a trackpad's pinch, it enlarges what browsers else would:
// the page. On the window and before everybody else: Emscripten's GLFW and Dear ImGui listen for it, too.
function takeWheel(canvas, module, { isActive, place }) {
  addEventListener('wheel', (event) => {
    if (event.target !== canvas) return;
    event.stopImmediatePropagation();
    if (!isActive()) return;
    event.preventDefault();
    const unit = [1, LINE, canvas.clientHeight][event.deltaMode];
    const { x, y } = place(event);
    if (event.ctrlKey) {
      const turned = Math.max(-FASTEST_PINCH, Math.min(FASTEST_PINCH, unit * event.deltaY));
      module._playground_pinch(x, y, Math.exp(-0.01 * turned), 0, 0);
      return;
    }
    module._playground_point(x, y, SOURCES.mouse);
    // Some browsers turn the wheel sideways while Shift is held, others leave that to the page.
    const sideways = event.shiftKey && event.deltaX === 0;
    module._playground_wheel(unit * (sideways ? event.deltaY : event.deltaX), sideways ? 0 : unit * event.deltaY);
  }, { capture: true, passive: false });

  // Safari's trackpad has events of its own, and sends them for fingers, too.
  let scale = 1;
  for (const type of ['gesturestart', 'gesturechange', 'gestureend']) {
    canvas.addEventListener(type, (event) => {
      if (!isActive()) return;
      event.preventDefault();
      const before = type === 'gesturestart' ? 1 : scale;
      scale = event.scale;
      if (navigator.maxTouchPoints > 0) return;
      const { x, y } = place(event);
      module._playground_pinch(x, y, scale / before, 0, 0);
    });
  }
}
