// A page of another origin with the playground in a frame: text around it, scrolled, and scaled by CSS.
import {createServer} from 'node:http';

export const styles = {
  'as it is': '',
  'scaled by a transform to 0.75': 'transform: scale(0.75); transform-origin: 0 0',
  'zoomed by 1.25': 'zoom: 1.25',
};

// {origin, close}: '/?address=...&style=...' shows that address in a frame of 840 x 520 pixels.
export async function serveHost() {
  const server = createServer((request, response) => {
    const query = new URL(request.url, 'http://localhost').searchParams;
    const text = (value) => String(value ?? '').replaceAll('&', '&amp;').replaceAll('"', '&quot;');
    response.setHeader('Content-Type', 'text/html');
    response.end(`<!DOCTYPE html><meta name="viewport" content="width=device-width"><body style="margin:0;height:3000px">
      <p style="position:absolute;top:350px;left:80px;margin:0"><input id="before"></p>
      <div style="position:absolute;top:420px;left:80px"><iframe id="frame" src="${text(query.get('address'))}"
        style="border:0;width:840px;height:520px;${text(query.get('style'))}" allow="fullscreen; clipboard-write"></iframe></div>
      <p style="position:absolute;top:1200px;left:80px"><input id="after"></p>`);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://localhost:${server.address().port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

// From the frame's own pixels to those of the window: `inside` runs in the frame, `outside` in the host.
export async function frameMapping(inside, outside) {
  const inner = await inside(() => innerWidth);
  const {x, y, width, height} = await outside(() => {
    const {x, y, width, height} = document.getElementById('frame').getBoundingClientRect();
    return {x, y, width, height};
  });
  const scale = width / inner;
  return {box: {x, y, width, height}, scale, place: (at) => ({x: x + at.x * scale, y: y + at.y * scale})};
}
