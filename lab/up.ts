// `npm run lab:up -- DIR [SERVER …]`: a hybrid estate of real servers on loopback to try Rekey on. Runs until Ctrl-C, then stops every server it started.
import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { startHybrid } from './hybrid.ts';

const [folder, ...pick] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('usage: npm run lab:up -- DIR [SERVER …]   DIR is made; it must be new or empty\n');
  process.exit(2);
}
const dir = resolve(folder);
if (existsSync(dir) && readdirSync(dir).length > 0) {
  process.stderr.write(`${folder} is not empty: give a new folder, so that nothing of yours is written over\n`);
  process.exit(2);
}
const began = performance.now();
process.stderr.write('starting the servers …\n');
const lab = await startHybrid(dir, { people: 20, services: 4, each: 5, controllers: 2 }, pick.length > 0 ? pick : undefined);
process.stdout.write(`${lab.parts.length} systems are up after ${((performance.now() - began) / 1000).toFixed(0)} s: ${lab.parts.map((p) => p.system.id).join(', ')}
In another shell:
  cd ${lab.home} && . ./env
  rekey init --name hybrid-lab
  rekey doctor && rekey discover && rekey import exposed exposed.csv
  rekey plan --name evict --reason 'trying it' --where 'exposed = true' -o plan.json
  rekey apply plan.json
Ctrl-C stops the servers.
`);
await new Promise<void>((stop) => {
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
});
process.stderr.write('stopping …\n');
await lab.stop();
process.exit(0);
