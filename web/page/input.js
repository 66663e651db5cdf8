// Who has the input: the canvas, the rest of the page, or the page around an embedded figure.

// What Emscripten's GLFW makes of a pointer is wrong wherever a CSS pixel is not a device pixel: pointers.js has its own.
const GLFW_POINTER = [
  'mousedown', 'mousemove', 'mouseup', 'mouseenter', 'mouseleave', 'touchstart', 'touchmove', 'touchend', 'touchcancel',
];

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
  for (const type of GLFW_POINTER) {
    addEventListener(type, (event) => {
      if (event.target === canvas) event.stopImmediatePropagation();
    }, true);
  }
  // The ring tells where the keyboard is; who points knows it already.
  addEventListener('keydown', (event) => {
    if (event.key === 'Tab') root.classList.add('keyboard');
  }, true);
  addEventListener('pointerdown', (event) => {
    root.classList.remove('keyboard');
    // A finger may be about to scroll the page around a figure: pointers.js waits until it has tapped.
    const ours = event.target === canvas && (active || event.pointerType !== 'touch');
    activate(ours);
    if (ours) canvas.focus({ preventScroll: true });
  }, true);
  addEventListener('blur', () => activate(false));
  canvas.addEventListener('contextmenu', (event) => event.preventDefault());
  activate(false);
  return {
    isActive: () => active,
    activate(value) {
      activate(value);
      if (value) canvas.focus({ preventScroll: true });
    },
  };
}
