// A value that is typed: a field of the page's own lies over it, so that selection, clipboard, input methods and the keyboard of
// a phone work as everywhere. Enter and leaving take what was typed, Escape does not, a second click gives the default.

const SECOND_CLICK = 500; // ms

export function makeValueField(page) {
  const field = document.getElementById('value-field');
  let before = '';
  let opened = 0;

  // What the UI module says is being typed: there from the click on a value until `typed` ends it.
  function follow() {
    const typing = page.call('typing');
    if (!typing) {
      field.hidden = true;
      return;
    }
    for (const side of ['width', 'height']) field.style[side] = `${typing[side]}px`;
    field.style.left = `${page.canvas.offsetLeft + typing.x}px`;
    field.style.top = `${page.canvas.offsetTop + typing.y}px`;
    if (!field.hidden) return;
    field.value = before = typing.text;
    field.setAttribute('aria-label', typing.label);
    field.inputMode = typing.digits ? 'numeric' : 'text'; // a keyboard of digits has neither sign nor exponent
    field.hidden = false;
    field.focus({ preventScroll: true });
    field.select();
    opened = performance.now();
  }

  function end(typed) {
    if (field.hidden) return;
    const focused = document.activeElement === field;
    field.hidden = true;
    page.call('typed', typed);
    if (focused) page.canvas.focus({ preventScroll: true });
  }
  const take = () => end(field.value === before ? {} : { text: field.value });

  // On the window, before guardInput (input.js), which keeps keys that are not the canvas's from everybody after it.
  addEventListener('keydown', (event) => {
    if (event.target !== field) return;
    if (event.key === 'Enter') take();
    if (event.key === 'Escape') end({});
  }, true);
  field.addEventListener('blur', take);
  field.addEventListener('pointerdown', (event) => {
    if (performance.now() - opened > SECOND_CLICK) return;
    event.preventDefault();
    end({ reset: true });
  });
  addEventListener('wheel', take, true); // the panel below it scrolls
  addEventListener('resize', () => field.hidden || follow()); // a phone's keyboard takes room

  return { follow };
}
