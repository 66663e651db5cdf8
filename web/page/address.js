// The address bar follows the state of the run; a reload gives the same run again.

const DISPLAY = ['embed', 'run', 'theme', 'hide', 'lock', 'lesson', 'simd'];
const SETTLE = 400; // ms

// Programs that pass links on encode = and & once more, for addresses or for HTML; as web/app/link/link.cpp has it.
export const unwrapped = (text) => text.slice(1).replace(/%3d/gi, '=').replace(/%26|&(amp|#38|#x26);/gi, '&');

export function displayFlags() {
  const query = new URLSearchParams(unwrapped(location.search));
  const hash = new URLSearchParams(unwrapped(location.hash));
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

  const follow = () => {
    if (!timer) timer = setTimeout(write, SETTLE);
  };

  addEventListener('hashchange', () => {
    if (location.hash === written) return;
    written = location.hash;
    page.call('openLink', { address: location.href });
    follow(); // what could not be read gives way to the run that went on
  });
  return follow;
}

export const shareAddress = (page) => new URL(addressFor(page.call('link')), location.href).href;
