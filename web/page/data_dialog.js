// Own data as text: paste, choose or drop a CSV file, download. What was typed stays until it has been taken.

const HELP = {
  classify: 'One point a line: x,y,label with label 0 or 1. A header line may come first.',
  dynamics: 'One observation a line: t,x,y and, for several trajectories, a number: t,x,y,trajectory.',
};
const LARGEST_FILE = 8e6; // bytes

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
    open(await file.text());
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
