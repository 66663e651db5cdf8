// Writes the tables that docs/ shares with the program, from what the program says of itself:
//   node script/doc-tables.mjs build/native/neural-ode [--check]
// A table stands between <!-- table: NAME --> and <!-- end -->. --check tells which ones are out of date, and writes nothing.
import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

const [binary, ...options] = process.argv.slice(2);
const check = options.includes('--check');
const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const ask = (...words) => JSON.parse(execFileSync(binary, words, {encoding: 'utf8', maxBuffer: 1 << 26}));
const {experiments} = ask('experiments');
const {methods} = ask('solve', '--list');

const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const code = (text) => `\`${text}\``;

function values(parameter) {
  if (parameter.kind === 'choice') return parameter.choices.map(({name}) => code(name)).join(' ');
  if (parameter.kind === 'flag') return '`true` `false`';
  if (parameter.kind === 'text') return 'text';
  return `${parameter.minimum} … ${parameter.maximum}${parameter.scale === 'logarithmic' ? ', logarithmic' : ''}`;
}

function parameterRow(parameter) {
  const when = parameter.shown_when
    ? ` Where ${code(parameter.shown_when)} is ${parameter.shown_values.map(code).join(', ')}.` : '';
  const initial = parameter.default === '' ? '' : code(parameter.default);
  return [code(parameter.name), values(parameter), initial, parameter.help.replaceAll('|', '\\|') + when];
}

const parameters = experiments.map(({name, promise, parameters}) =>
  `## ${name}\n\n${promise}\n\n${table(['name', 'values', 'default', 'what it does'], parameters.map(parameterRow))}`);

function stability({stability, implicit, partitioned}) {
  if (!stability) return '-';
  if (stability.l_stable) return 'L-stable';
  if (stability.a_stable) return 'A-stable';
  return partitioned || implicit ? '-' : stability.real_interval.toFixed(3);
}

const methodTable = table(
  ['name', 'method', 'order', 'error estimate', 'stages', 'evaluations', 'FSAL', 'dense output', 'stability', 'source'],
  methods.map((method) => [
    code(method.name), method.label, method.order, method.embedded_order || '-', method.stages, method.evaluations,
    method.fsal ? 'yes' : '-', method.interpolant_order, stability(method), `[${method.citation}]`]));

const tables = {parameters: parameters.join('\n\n'), methods: methodTable};
let stale = 0;
for (const [file, name] of [['docs/reference/parameters.md', 'parameters'], ['docs/reference/methods.md', 'methods']]) {
  const path = join(root, file), before = readFileSync(path, 'utf8');
  const begin = `<!-- table: ${name} -->\n`, end = '\n<!-- end -->';
  const [head, rest] = before.split(begin), [, tail] = rest.split(end);
  const after = head + begin + tables[name] + end + tail;
  if (after === before) continue;
  ++stale;
  if (check) console.log(`${file}: its table is not what the program says; node script/doc-tables.mjs ${binary} mends it`);
  else writeFileSync(path, after);
}
if (!check) console.log(`${stale} written`);
process.exit(check && stale > 0 ? 1 : 0);
