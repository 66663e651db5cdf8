// Starts the page: loads the two modules, joins them, and keeps address bar, theme and status line in step.
import { displayFlags, followState, shareAddress, unwrapped } from './address.js';
import { tendCanvas } from './canvas.js';
import { makeDataDialog } from './data_dialog.js';
import { guardInput } from './input.js';
import { checkBrowser, Failure, loadWasm, trainerName } from './loading.js';
import { recall, remember } from './memory.js';
import { makePlayground } from './playground.js';
import { tendPointers } from './pointers.js';
import { startTrainer } from './trainer_host.js';
import { makeValueField } from './value_field.js';

const STATUS_INTERVAL = 5000; // ms between what a screen reader is told
const element = (id) => document.getElementById(id);
const canvas = element('canvas');
const flags = displayFlags();
const embedded = flags.embed !== '' && flags.embed !== '0';
const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
const coarsePointer = matchMedia('(pointer: coarse)');
const lightScheme = matchMedia('(prefers-color-scheme: light)');

const page = makePlayground();
page.canvas = canvas;
window.playground = page.playground;

// --- failure

function showFailure(error) {
  element('loading').hidden = true;
  element('failure').hidden = false;
  element('failure-text').textContent =
    error instanceof Failure ? error.message : 'Something went wrong while it started.';
  element('failure-detail').textContent = error.detail ?? String(error);
  document.documentElement.classList.remove('running');
  page.fail(error);
}
element('failure-retry').addEventListener('click', () => location.reload());

// --- theme: the person's choice, else the link's, else the one of the last visit, else the system's

const themes = ['light', 'dark'];
let theme = [flags.theme, recall('theme')].find((each) => themes.includes(each)) ?? 'auto';
const themeShown = () => (theme === 'auto' ? (lightScheme.matches ? 'light' : 'dark') : theme);

function display() {
  document.documentElement.dataset.theme = themeShown();
  return {
    theme: themeShown(),
    embed: embedded,
    lock: flags.lock !== '' && flags.lock !== '0',
    hide: flags.hide.split(',').filter(Boolean),
    reduced_motion: reducedMotion.matches,
    touch: coarsePointer.matches,
    hint: !embedded && recall('hint') !== 'seen',
  };
}
display();

// --- what the picture says, for those who do not see it

let lastStatus = -STATUS_INTERVAL;
let statusTimer = 0;
function tellStatus() {
  if (statusTimer) return;
  statusTimer = setTimeout(() => {
    statusTimer = 0;
    const { text } = page.call('status');
    if (!text || element('status').textContent === text) return;
    element('status').textContent = text;
    lastStatus = performance.now();
  }, Math.max(250, lastStatus + STATUS_INTERVAL - performance.now()));
}

// --- what the UI's buttons ask of the page

// Own data beyond what an address can hold stay out of the link (web/app/session/session.cpp).
function linkMessage(address) {
  const { values } = page.playground.get();
  return values.data === 'own' && !address.includes('points=')
    ? 'The link is on the clipboard, without your data: they are too large for a link. Download them to pass them on'
    : 'The link is on the clipboard';
}

function makeActions({ dialog, valueField }) {
  return {
    copy_link: async () => {
      const address = shareAddress(page);
      try {
        await navigator.clipboard.writeText(address);
        page.call('note', { message: linkMessage(address) });
      } catch {
        // No permission (an insecure page, a frame without clipboard-write): show it to be copied by hand.
        window.prompt('Copy this link', address);
      }
    },
    toggle_theme: () => {
      theme = themeShown() === 'dark' ? 'light' : 'dark';
      remember('theme', theme);
      page.call('display', display());
    },
    open_data: () => dialog.open(),
    type_value: () => valueField.follow(),
    hint_seen: () => {
      remember('hint', 'seen');
      page.call('display', display());
    },
    open_full_page: () => {
      const address = new URL(shareAddress(page));
      address.searchParams.delete('embed');
      window.open(address, '_blank', 'noopener');
    },
  };
}

async function start() {
  checkBrowser();
  const valueField = makeValueField(page);
  const input = guardInput(canvas, { embedded });

  const trainer = startTrainer(showFailure);
  const loaded = { trainer: 0, playground: 0 };
  const progress = (name) => (bytes) => {
    loaded[name] = bytes;
    element('loading-text').textContent = `Loading ${Math.round((loaded.trainer + loaded.playground) / 1024)} KB`;
  };
  const [trainerWasm, playgroundWasm, { default: createPlayground }] = await Promise.all([
    loadWasm(`${trainerName()}.wasm`, progress('trainer')),
    loadWasm('playground-module.wasm', progress('playground')),
    import('./playground-module.js'),
  ]);
  trainer.start(trainerWasm);

  let follow = () => {};
  const module = await createPlayground({
    canvas,
    trainer,
    display: JSON.stringify(display()),
    onEvent(text) {
      page.receive(text);
      follow();
      tellStatus();
    },
    onAction: (name) => actions[name]?.(),
    onCopy: async (text) => {
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        page.call('note', { message: 'The browser did not let the page copy anything' });
      }
    },
    onAbort: (reason) => showFailure(new Failure('The page stopped working.', String(reason))),
    instantiateWasm(imports, done) {
      WebAssembly.instantiate(playgroundWasm, imports).then((instance) => done(instance, playgroundWasm), showFailure);
      return {};
    },
  });
  page.attach(module);
  trainer.onMessage = () => module._playground_listen();
  const actions = makeActions({ dialog: makeDataDialog(page), valueField });
  page.call('openLink', { address: location.href });
  page.call('display', display());
  for (const query of [reducedMotion, lightScheme, coarsePointer]) {
    query.addEventListener('change', () => page.call('display', display()));
  }

  tendPointers(canvas, module, input);
  let waitsToBeSeen = flags.run === 'visible';
  tendCanvas(canvas, module, {
    embedded,
    onVisible(visible) {
      page.call('suspend', { hidden: !visible });
      if (visible && waitsToBeSeen) {
        waitsToBeSeen = false;
        page.playground.ready.then(() => page.playground.play());
      }
    },
  });

  await page.playground.ready;
  follow = followState(page);
  // A link with a step trains to there by itself. Otherwise the full page begins at once, unless little motion is
  // asked for, and an embedded one waits for a click.
  const run = flags.run || (embedded || reducedMotion.matches ? 'click' : 'auto');
  const goal = [location.hash, location.search].some((part) => new URLSearchParams(unwrapped(part)).get('step'));
  if (run === 'auto' && !goal) page.playground.play();
  element('loading').hidden = true;
  document.documentElement.classList.add('running');
}

start().catch(showFailure);
