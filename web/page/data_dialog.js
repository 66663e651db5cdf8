// Own data as text: paste, choose or drop a CSV file, download. What was typed stays until it has been taken.

const MOTIONS =
  'One observation a line: t, x, y and, for several trajectories, a name: trajectory. Dates, units and empty cells are fine.';
const HELP = {
  classify: 'One point a line: x, y and a label of two kinds. As a spreadsheet saves it: columns are found by their names.',
  density: 'One point a line: x, y; or x, y and a weight.',
  dynamics: MOTIONS,
  latent: MOTIONS,
  filter: 'One observation a line: t and x, or t, x and y; for several series a name: trajectory. Dates, units and empty cells are fine.',
};
const LARGEST_FILE = 8e6; // bytes; the reader takes 100 000 rows

// A file's own encoding, of which Blob.text() knows UTF-8 alone. engine/data/csv/decode_text.h does the same for bytes.
function decode(buffer) {
  const bytes = new Uint8Array(buffer);
  const [a, b, c, d] = bytes;
  let encoding = 'utf-8';
  if ((a === 0xff && b === 0xfe) || (b === 0 && d === 0 && a && c)) encoding = 'utf-16le';
  else if ((a === 0xfe && b === 0xff) || (a === 0 && c === 0 && b && d)) encoding = 'utf-16be';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('latin1').decode(bytes);
  }
}

export function makeDataDialog(page) {
  const element = (id) => document.getElementById(id);
  const dialog = element('data-dialog');
  const text = element('data-text');
  const error = element('data-error');
  const input = element('data-input');

  function open(filled) {
    const { experiment } = page.playground.get();
    element('data-help').textContent = HELP[experiment] ?? 'Comma-separated values, one sample a line.';
    element('data-download').disabled = !page.playground.exportData();
    error.textContent = '';
    if (filled !== undefined) text.value = filled;
    else if (!text.value.trim()) text.value = page.playground.exportData();
    if (!dialog.open) dialog.showModal();
    text.focus();
  }

  async function use() {
    try {
      await page.playground.setData(text.value);
      page.playground.set({ data: 'own' });
      text.value = '';
      dialog.close();
    } catch (reason) {
      error.textContent = reason.message;
    }
  }

  async function read(file) {
    if (!file) return;
    if (file.size > LARGEST_FILE) {
      open();
      error.textContent = `${file.name} is larger than ${LARGEST_FILE / 1e6} MB`;
      return;
    }
    open(decode(await file.arrayBuffer()));
    await use();
  }

  function download() {
    const url = URL.createObjectURL(new Blob([page.playground.exportData()], { type: 'text/csv' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = `${page.playground.get().experiment}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }

  element('data-use').addEventListener('click', use);
  element('data-cancel').addEventListener('click', () => dialog.close());
  element('data-file').addEventListener('click', () => input.click());
  element('data-download').addEventListener('click', download);
  input.addEventListener('change', () => {
    read(input.files[0]);
    input.value = '';
  });
  dialog.addEventListener('close', () => page.canvas.focus({ preventScroll: true }));

  const root = document.documentElement;
  addEventListener('dragover', (event) => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    root.classList.add('dropping');
  });
  addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) root.classList.remove('dropping');
  });
  addEventListener('drop', (event) => {
    root.classList.remove('dropping');
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    read(event.dataTransfer.files[0]);
  });

  return { open };
}
