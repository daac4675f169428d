// Memory is flat in the number of items: peak RSS of a worker over 10 k, 100 k and 1 M items, each in a fresh process.
import { spawn } from 'node:child_process';
import { childArgs } from './child.ts';
import { postgresServer } from './overhead/stores.ts';

const sizes = (process.env.SIZES ?? '10000,100000,1000000').split(',').map(Number);
const oneRun = childArgs(import.meta.url, './memory/one-run');
const bench = await postgresServer();
if (!('url' in bench.where)) throw new Error('a served store has a url');
const { url } = bench.where;
const rssMiB: Record<string, number> = {};
for (const items of sizes) {
  const began = performance.now();
  rssMiB[items] = await peak(items);
  print({ bench: 'memory', items, rssMiB: rssMiB[items], seconds: Math.round((performance.now() - began) / 1000) });
}
await bench.close();
const [smallest = 0] = sizes;
const largest = sizes.at(-1) ?? 0;
print({ bench: 'memory', ratio: Math.round(((rssMiB[largest] ?? 0) / (rssMiB[smallest] ?? 1)) * 100) / 100, rssMiB });
process.exit(0);

function peak(items: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...oneRun, url, bench.keys, String(items)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.on('exit', (code) => {
      if (code === 0) resolve((JSON.parse(out) as { rssMiB: number }).rssMiB);
      else reject(new Error(`the run of ${items} items ended with ${code}`));
    });
  });
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
