// The script a first visit loads has a budget. Run after `vite build`; prints the figures and fails above it.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const BUDGET = 220 * 1000;
const built = new URL("../../src/wherry/server/static/", import.meta.url);

const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", built), "utf8"));
const entry = Object.values(manifest).find((chunk) => chunk.isEntry);

/** The chunk and everything it imports statically. */
function initial(chunk, seen = new Set()) {
  if (seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const name of chunk.imports ?? []) initial(manifest[name], seen);
  return seen;
}

let total = 0;
for (const file of initial(entry)) {
  const bytes = gzipSync(readFileSync(new URL(file, built)), { level: 9 }).length;
  total += bytes;
  console.log(`${(bytes / 1000).toFixed(1).padStart(8)} kB  ${file}`);
}
const styles = (entry.css ?? []).map((file) => gzipSync(readFileSync(new URL(file, built)), { level: 9 }).length);
console.log(`${(total / 1000).toFixed(1).padStart(8)} kB  initial script, gzip (budget ${BUDGET / 1000} kB)`);
console.log(`${(styles.reduce((sum, bytes) => sum + bytes, 0) / 1000).toFixed(1).padStart(8)} kB  initial style, gzip`);
if (total > BUDGET) {
  console.error(`${fileURLToPath(built)}: the initial script is over its budget. Load what only one page needs with it.`);
  process.exit(1);
}
