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
  activate(false);
}
