// Subsets the page's faces to the glyphs in use and writes them as C++ bytes: node script/embed-fonts.mjs OUT.h
import {readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import subsetFont from 'subset-font';

const require = createRequire(import.meta.url);
const folder = (name) => dirname(require.resolve(`${name}/package.json`));
const faces = {
  inter_regular: join(folder('@expo-google-fonts/inter'), '400Regular', 'Inter_400Regular.ttf'),
  inter_semibold: join(folder('@expo-google-fonts/inter'), '600SemiBold', 'Inter_600SemiBold.ttf'),
  jetbrains_mono: join(folder('@expo-google-fonts/jetbrains-mono'), '400Regular', 'JetBrainsMono_400Regular.ttf'),
};

// Printable ASCII and Latin-1, Greek, and the signs of labels and help: the ranges of web/ui/toolkit/fonts.cpp. Accented letters
// are in names and quotations alone, which are neither headings nor numbers.
const accented = [0xbf, 0xff];
const ranges = [[0x20, 0x7e], [0xa0, 0xbe], [0xd7, 0xd7], accented, [0x391, 0x3c9], [0x2009, 0x2009], [0x2010, 0x2014], [0x2018, 0x201d],
                [0x2022, 0x2022], [0x2026, 0x2026], [0x2070, 0x209c], [0x2190, 0x2193], [0x2202, 0x2202],
                [0x2211, 0x2212], [0x221a, 0x221a], [0x222b, 0x222b], [0x2248, 0x2248], [0x2264, 0x2265]];
const textOf = (face) => ranges.filter((range) => face === 'inter_regular' || range !== accented)
    .map(([first, last]) => String.fromCodePoint(...Array.from({length: last - first + 1}, (_, i) => first + i)))
    .join('');

// What Dear ImGui's rasteriser reads; kerning, substitutions, hints and names only make the download larger.
const needed = ['cmap', 'glyf', 'head', 'hhea', 'hmtx', 'loca', 'maxp'];

// The same TrueType file with these tables alone.
function strip(font) {
  const count = font.readUInt16BE(4);
  const entries = Array.from({length: count}, (_, i) => font.subarray(12 + 16 * i, 28 + 16 * i))
      .filter((entry) => needed.includes(entry.toString('latin1', 0, 4)));
  const head = Buffer.alloc(12 + 16 * entries.length);
  head.writeUInt32BE(0x00010000, 0);
  head.writeUInt16BE(entries.length, 4);
  const parts = [head];
  let offset = head.length;
  entries.forEach((entry, i) => {
    const length = entry.readUInt32BE(12);
    const at = entry.readUInt32BE(8);
    const padded = Buffer.alloc((length + 3) & ~3);
    font.copy(padded, 0, at, at + length);
    entry.copy(head, 12 + 16 * i);
    head.writeUInt32BE(offset, 12 + 16 * i + 8);
    parts.push(padded);
    offset += padded.length;
  });
  return Buffer.concat(parts);
}

let header = '// Made by script/embed-fonts.mjs. Inter and JetBrains Mono, SIL Open Font License 1.1.\n#pragma once\n';
for (const [name, file] of Object.entries(faces)) {
  const bytes = strip(await subsetFont(readFileSync(file), textOf(name), {targetFormat: 'truetype', noLayoutClosure: true}));
  header += `inline constexpr unsigned ${name}_size = ${bytes.length};\n`;
  header += `inline constexpr unsigned char ${name}_data[] = {${[...bytes].join(',')}};\n`;
  console.log(`${name}: ${bytes.length} bytes`);
}
writeFileSync(process.argv[2], header);
