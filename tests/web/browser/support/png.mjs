// The pixels of a PNG as browsers write them: 8 bits a channel, with or without transparency, not interlaced.
import {inflateSync} from 'node:zlib';

const picture = (width, height, channels, pixels) => ({
  width, height, channels, pixels,
  at: (x, y) => [...pixels.subarray((y * width + x) * channels, (y * width + x) * channels + 3)],
  equals: (other) => other.width === width && other.height === height && pixels.equals(other.pixels),
});

export function crop({width, channels, pixels}, clip) {
  const rows = Array.from({length: clip.height}, (_, i) => {
    const from = ((clip.y + i) * width + clip.x) * channels;
    return pixels.subarray(from, from + clip.width * channels);
  });
  return picture(clip.width, clip.height, channels, Buffer.concat(rows));
}

// {width, height, at(x, y) -> [red, green, blue], equals(other)}
export function decodePng(bytes) {
  let width = 0, height = 0, channels = 0;
  const parts = [];
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at), type = bytes.toString('latin1', at + 4, at + 8);
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') {
      width = body.readUInt32BE(0);
      height = body.readUInt32BE(4);
      channels = {2: 3, 6: 4}[body[9]];
      if (body[8] !== 8 || !channels || body[12] !== 0) throw new Error('not a PNG of the kind that browsers write');
    } else if (type === 'IDAT') {
      parts.push(body);
    }
    at += length + 12;
  }
  const packed = inflateSync(Buffer.concat(parts));
  const stride = width * channels, pixels = Buffer.alloc(height * stride);
  for (let y = 0; y < height; ++y) {
    const filter = packed[y * (stride + 1)], from = y * (stride + 1) + 1, to = y * stride;
    for (let i = 0; i < stride; ++i) {
      const left = i >= channels ? pixels[to + i - channels] : 0;
      const above = y > 0 ? pixels[to + i - stride] : 0;
      const corner = i >= channels && y > 0 ? pixels[to + i - stride - channels] : 0;
      pixels[to + i] = packed[from + i] + predicted(filter, left, above, corner);
    }
  }
  return picture(width, height, channels, pixels);
}

function predicted(filter, left, above, corner) {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  const p = left + above - corner;
  const [a, b, c] = [Math.abs(p - left), Math.abs(p - above), Math.abs(p - corner)];
  return a <= b && a <= c ? left : b <= c ? above : corner;
}

// The middle of what differs between two pictures of the same size, and how many pixels do: {x, y, count}.
export function difference(one, other) {
  let sx = 0, sy = 0, count = 0;
  for (let y = 0; y < one.height; ++y)
    for (let x = 0; x < one.width; ++x) {
      const a = one.at(x, y), b = other.at(x, y);
      if (Math.max(...a.map((value, i) => Math.abs(value - b[i]))) < 12) continue;
      sx += x + 0.5;
      sy += y + 0.5;
      ++count;
    }
  return {x: sx / count, y: sy / count, count};
}
