// The canvas as a good citizen of its page: its size in device pixels, which keys, wheels and fingers it takes, a lost
// GPU context, and whether anybody can see it.

export function tendCanvas(canvas, module, { embedded, onVisible }) {
  const root = document.documentElement;

  // --- size
  let width = canvas.clientWidth;
  let height = canvas.clientHeight;
  const resize = () => module._playground_resize(width, height, devicePixelRatio);
  new ResizeObserver(() => {
    width = canvas.clientWidth;
    height = canvas.clientHeight;
    resize();
  }).observe(canvas);
  (function watchRatio() {
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener('change', () => {
      resize();
      watchRatio();
    }, { once: true });
  })();
  resize();

  // --- lost GPU context: a lost one comes back only when the default is prevented
  canvas.addEventListener('webglcontextlost', (event) => {
    event.preventDefault();
    module._playground_context_lost();
  });
  canvas.addEventListener('webglcontextrestored', () => module._playground_context_restored());

  // --- seen or not
  let onScreen = true;
  const tell = () => onVisible(onScreen && document.visibilityState === 'visible');
  document.addEventListener('visibilitychange', tell);
  new IntersectionObserver((entries) => {
    onScreen = entries[entries.length - 1].isIntersecting;
    tell();
  }).observe(canvas);

  canvas.addEventListener('contextmenu', (event) => event.preventDefault());
  if (embedded) root.classList.add('embedded');
}

// One finger is the pointer. Emscripten's GLFW hears of touches but leaves the pointer where it was, so a drag would go
// nowhere; and once the finger is gone nothing is hovered.
function takeTouches(canvas, isActive) {
  const away = { clientX: -1000, clientY: -1000 };
  const send = (type, at) => canvas.dispatchEvent(new MouseEvent(type, { bubbles: true, clientX: at.clientX, clientY: at.clientY }));
  let finger = null;
  let span = 0; // between two fingers, at the last turn of the wheel that their pinch stands for
  const pinch = ({ touches: [a, b] }) => {
    const apart = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
    if (span === 0) {
      span = apart;
      if (finger !== null) handlers.touchcancel(a); // what the first finger began ends
    }
    const TURN = 1.12; // about what one turn of the wheel enlarges by (web/ui/hero.cpp)
    if (apart < span * TURN && apart * TURN > span) return;
    const at = { bubbles: true, clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 };
    canvas.dispatchEvent(new MouseEvent('mousemove', at));
    canvas.dispatchEvent(new WheelEvent('wheel', { ...at, deltaY: apart > span ? -120 : 120 }));
    span = apart;
  };
  const handlers = {
    touchstart(touch) {
      finger = touch.identifier;
      send('mousemove', touch);
      send('mousedown', touch);
    },
    touchmove: (touch) => send('mousemove', touch),
    touchend(touch) {
      finger = null;
      send('mouseup', touch);
      send('mousemove', away);
    },
  };
  handlers.touchcancel = handlers.touchend;
  for (const [type, handle] of Object.entries(handlers)) {
    canvas.addEventListener(type, (event) => {
      event.stopImmediatePropagation();
      if (!isActive()) return; // the page around an embed scrolls; a tap activates it
      event.preventDefault();
      if (event.touches.length === 2) return pinch(event);
      span = 0;
      const touch = [...event.changedTouches].find((each) => finger === null || each.identifier === finger);
      if (touch && (type === 'touchstart') === (finger === null)) handle(touch);
    }, { capture: true, passive: false });
  }
}

// Before the module exists: listeners of the same target run in the order in which they were added, and Emscripten's
// GLFW takes keys on the window. Only what is meant for the canvas may reach it; Tab always leaves the canvas.
export function guardInput(canvas, { embedded }) {
  const root = document.documentElement;
  let active = !embedded;

  const activate = (value) => {
    active = value || !embedded;
    root.classList.toggle('active', active);
  };
  for (const type of ['keydown', 'keypress']) {
    addEventListener(type, (event) => {
      const ours = active && (document.activeElement === canvas || event.target === canvas);
      if (!ours || event.key === 'Tab') event.stopImmediatePropagation();
    }, true);
  }
  addEventListener('wheel', (event) => {
    if (!active || document.querySelector('dialog[open]')) event.stopImmediatePropagation();
  }, { capture: true, passive: true });
  // Dear ImGui takes the wheel on the document, where browsers let nobody prevent scrolling, and tries all the same: each
  // turn would leave a complaint on the console. Prevented here, it has nothing left to ask for.
  canvas.addEventListener('wheel', (event) => {
    event.preventDefault();
    event.preventDefault = () => {};
  }, { passive: false });
  // The ring tells where the keyboard is; who points knows it already.
  addEventListener('keydown', (event) => {
    if (event.key === 'Tab') root.classList.add('keyboard');
  }, true);
  addEventListener('pointerdown', (event) => {
    root.classList.remove('keyboard');
    activate(event.target === canvas);
    if (event.target === canvas) canvas.focus({ preventScroll: true });
  }, true);
  addEventListener('blur', () => activate(false));
  takeTouches(canvas, () => active);
  activate(false);
}
