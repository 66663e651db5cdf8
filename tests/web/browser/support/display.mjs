// An X display of its own for the browsers that need one.
import {spawn} from 'node:child_process';
import {once} from 'node:events';

// Xvfb picks a free display and writes its number to file descriptor 3. {display, stop}
export async function startDisplay(screen = '1400x1000x24') {
  if (process.env.DISPLAY) return {display: process.env.DISPLAY, stop: () => {}};
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', screen, '-nolisten', 'tcp'],
                       {stdio: ['ignore', 'ignore', 'ignore', 'pipe']});
  const [number] = await once(server.stdio[3], 'data');
  return {display: `:${String(number).trim()}`, stop: () => server.kill()};
}
