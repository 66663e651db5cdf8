// Adds up what ctest and node's test runner reported, and closes with one plain line.
// A run that exited non-zero counts as a failure even where its output shows none.
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

const folder = process.argv[2];
let passed = 0;
let failed = 0;
for (const file of readdirSync(folder).filter((name) => name.endsWith('.log')).sort()) {
  const log = readFileSync(join(folder, file), 'utf8');
  const status = Number(readFileSync(join(folder, file.replace('.log', '.exit')), 'utf8'));
  let ok = 0;
  let bad = 0;
  const ctest = log.match(/(\d+) tests failed out of (\d+)/);
  if (ctest) {
    bad = Number(ctest[1]);
    ok = Number(ctest[2]) - bad;
  } else {
    ok = Number(log.match(/^(?:#|ℹ) pass (\d+)/m)?.[1] ?? 0);
    bad = Number(log.match(/^(?:#|ℹ) fail (\d+)/m)?.[1] ?? 0);
  }
  if (status !== 0 && bad === 0) bad = 1;
  if (status === 0 && ok === 0) bad += 1;  // nothing ran: that is no pass
  const again = log.match(/Tried once more/g)?.length ?? 0;  // tests/web/browser/support/test.mjs
  console.log(`${file.replace('.log', '')}: ${ok} passed, ${bad} failed${again ? `, ${again} tried twice` : ''}`);
  passed += ok;
  failed += bad;
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
