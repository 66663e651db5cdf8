// Every experiment after a number of steps from its default settings: pictures that are worth seeing, and the same each time.
import {picture} from './browser.mjs';

export const scenes = {
  classify: 300,
  dynamics: 200,
  density: 150,
  latent: 150,
  filter: 150,
  events: 600,
  physics: 200,
  digits: 75,
  solvers: 12,
  gradients: 10,
};

// Runs in the page: opens an experiment; {ms until its first picture, that frame}.
export async function openExperiment(name) {
  const {playground} = window;
  const began = performance.now();
  playground.pause();
  playground.set({experiment: name});
  const shown = () => {
    const frame = playground.get().experiment === name && playground.frame();
    return frame && frame.metrics.find((each) => each.name === 'loss') && frame;
  };
  while (!shown()) {
    if (performance.now() - began > 60000) throw new Error(`${name}: no picture`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {ms: performance.now() - began, frame: shown()};
}

// Runs in the page: the frame after `steps` steps from the beginning.
export async function frameAfter(steps) {
  const {playground} = window;
  playground.reset({keepSeed: true});
  await playground.step(steps);
  const began = performance.now();
  while (playground.frame()?.step !== steps) {
    if (performance.now() - began > 60000) throw new Error(`no picture of step ${steps}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return playground.frame();
}

// Before the page loads: no hint over the picture.
export const withoutHint = (context) =>
  context.addInitScript(() => localStorage.setItem('neural-ode-playground.hint', 'seen'));

// The scene on a page that was opened with little motion, at rest.
export async function showScene(page, name) {
  await page.evaluate(openExperiment, name);
  await page.evaluate(frameAfter, scenes[name]);
  const {width, height} = page.viewportSize();
  await picture(page, {x: 0, y: 0, width, height});
}
