// What outlives a visit. A browser may forbid it: then nothing is kept.
const key = (name) => `neural-ode-playground.${name}`;

export function recall(name) {
  try {
    return localStorage.getItem(key(name));
  } catch {
    return null;
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(key(name), value);
  } catch {
    // The choice lasts as long as the page.
  }
}
