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

// Printable ASCII and Latin-1, Greek, and the signs of labels and help: the ranges of web/ui/fonts.cpp.
const ranges = [[0x20, 0x7e], [0xa0, 0xff], [0x391, 0x3c9], [0x2009, 0x2009], [0x2010, 0x2014], [0x2018, 0x201d],
                [0x2022, 0x2022], [0x2026, 0x2026], [0x2070, 0x209c], [0x2190, 0x2193], [0x2202, 0x2202],
                [0x2211, 0x2212], [0x221a, 0x221a], [0x222b, 0x222b], [0x2248, 0x2248], [0x2264, 0x2265]];
const text = ranges.map(([first, last]) =>
    String.fromCodePoint(...Array.from({length: last - first + 1}, (_, i) => first + i))).join('');

let header = '// Made by script/embed-fonts.mjs. Inter and JetBrains Mono, SIL Open Font License 1.1.\n#pragma once\n';
for (const [name, file] of Object.entries(faces)) {
  const bytes = await subsetFont(readFileSync(file), text, {targetFormat: 'truetype', noLayoutClosure: true});
  header += `inline constexpr unsigned ${name}_size = ${bytes.length};\n`;
  header += `inline constexpr unsigned char ${name}_data[] = {${[...bytes].join(',')}};\n`;
  console.log(`${name}: ${bytes.length} bytes`);
}
writeFileSync(process.argv[2], header);
