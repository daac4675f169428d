// The file store in the situations of the contract that concern a store.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench, ContractFixture, Rig } from '../../kit/contract.ts';
import { file } from './file.ts';

const place =
  (key: string, root?: string) =>
  async (bench: Bench): Promise<Rig> => {
    const folder = bench.folder();
    const path = join(folder, 'app.json');
    writeFileSync(path, '{"user": "app", "password": "0ld-value-of-app"}\n');
    const connection = await file.open(file.config.parse({ root: root ?? folder }), bench.io('files'));
    return {
      connection,
      account: { system: 'db', id: '1', name: 'app' },
      consumer: { consumer: 'app', ref: `app.json#/${key}` },
      old: '0ld-value-of-app',
      // Read as the application would, not as the connector does.
      accepts: (text) => JSON.parse(readFileSync(path, 'utf8'))[key] === text,
    };
  };

export const fixture: ContractFixture = {
  connector: file,
  badConfig: { config: { allow: 'not a list' }, field: 'allow' },
  situations: { plain: place('password'), missing: place('pin'), unreachable: place('password', 'no-such-folder') },
};
