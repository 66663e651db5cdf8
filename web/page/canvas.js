// The canvas as a good citizen of its page: its size in device pixels, a lost GPU context, and whether anybody can see it.

export function tendCanvas(canvas, module, { embedded, onVisible }) {
  // --- size: whole device pixels, also where a CSS pixel is one and a quarter of them, so that nothing is scaled
  let exact = null; // what the browser says, where it does
  const measure = () => {
    const ratio = devicePixelRatio;
    const { width, height } = canvas.getBoundingClientRect();
    // Not of a ratio before, nor of a screen that a test pretends to have.
    const fits = exact && Math.abs(exact.inlineSize - width * ratio) < 1 && Math.abs(exact.blockSize - height * ratio) < 1;
    if (fits) module._playground_resize(exact.inlineSize, exact.blockSize, ratio);
    else module._playground_resize(Math.round(width * ratio), Math.round(height * ratio), ratio);
  };
  const observer = new ResizeObserver(([entry]) => {
    exact = entry.devicePixelContentBoxSize?.[0] ?? null;
    measure();
  });
  try {
    observer.observe(canvas, { box: 'device-pixel-content-box' });
  } catch {
    observer.observe(canvas); // Safari does not tell
  }
  (function watchRatio() {
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener('change', () => {
      measure();
      watchRatio();
    }, { once: true });
  })();
  measure();

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

  if (embedded) document.documentElement.classList.add('embedded');
}
