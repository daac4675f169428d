// Makes package-lock.json whole for every platform: an install on one machine leaves out optional packages of the others, and `npm ci` then refuses the lock.
// Run after every change of dependencies: node tools/lock-complete.mjs
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
const packages = lock.packages;
const systems = {
  darwin: 'darwin',
  win32: 'win32',
  windows: 'win32',
  linux: 'linux',
  android: 'android',
  freebsd: 'freebsd',
  netbsd: 'netbsd',
  openbsd: 'openbsd',
  sunos: 'sunos',
  aix: 'aix',
  openharmony: 'openharmony',
};
const processors = {
  arm64: 'arm64',
  aarch64: 'arm64',
  x64: 'x64',
  ia32: 'ia32',
  armv7: 'arm',
  arm: 'arm',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
  loong64: 'loong64',
  mips64el: 'mips64el',
};

/** Where Node would find `name` when asked from the package at `from`. */
function installed(from, name) {
  for (let base = from; ; base = base.includes('/node_modules/') ? base.slice(0, base.lastIndexOf('/node_modules/')) : '') {
    const key = `${base === '' ? '' : `${base}/`}node_modules/${name}`;
    if (packages[key]) return key;
    if (base === '') return undefined;
  }
}

function platform(name) {
  const words = name.split(/[^a-z0-9]+/);
  const os = words.map((w) => systems[w]).find(Boolean);
  const cpu = words.map((w) => processors[w]).find(Boolean);
  // A name without a platform (wasm builds) must never be installed for its own sake.
  return { os: [os ?? 'none'], ...(cpu ? { cpu: [cpu] } : {}), ...(words.includes('musl') ? { libc: ['musl'] } : {}) };
}

let added = 0;
for (const [from, meta] of Object.entries({ ...packages })) {
  for (const [name, range] of Object.entries(meta.optionalDependencies ?? {})) {
    const version = range.replace(/^[~^=v]*/, '');
    if (installed(from, name) || !/^\d+\.\d+\.\d+/.test(version)) continue;
    packages[`node_modules/${name}`] = { version, optional: true, ...(meta.dev ? { dev: true } : {}), ...platform(name) };
    added++;
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`lock: ${added} platform packages added\n`);
