// The address bar follows the state of the run; a reload gives the same run again.

const DISPLAY = ['embed', 'run', 'theme', 'hide', 'lock', 'lesson', 'simd'];
const SETTLE = 400; // ms

export function displayFlags() {
  const query = new URLSearchParams(location.search);
  const hash = new URLSearchParams(location.hash.slice(1));
  return Object.fromEntries(DISPLAY.map((name) => [name, query.get(name) ?? hash.get(name) ?? '']));
}

// The address for `hash`: display flags stay in the query, state that came in the query moves to the hash.
function addressFor(hash) {
  const flags = displayFlags();
  const query = new URLSearchParams(Object.entries(flags).filter(([, value]) => value !== ''));
  const text = query.toString();
  return `${location.pathname}${text ? `?${text}` : ''}${hash}`;
}

export function followState(page) {
  let timer = 0;
  let written = location.hash;

  function write() {
    timer = 0;
    const hash = page.call('link');
    if (hash === written) return;
    written = hash;
    try {
      history.replaceState(null, '', addressFor(hash));
    } catch {
      // A sandboxed frame may not change its address; the Share button still has the link.
    }
  }

  addEventListener('hashchange', () => {
    if (location.hash === written) return;
    written = location.hash;
    page.call('openLink', { address: location.href });
  });
  return () => {
    if (!timer) timer = setTimeout(write, SETTLE);
  };
}

export const shareAddress = (page) => new URL(addressFor(page.call('link')), location.href).href;
