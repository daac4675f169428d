// Evidence of the small house: three files, and an archive without any.
import { Problem } from '../../../src/domain/problem.ts';
import type { Caller } from '../../../src/http/services.ts';
import { chunks, FakeDelivery } from './delivery.ts';

export class FakeEvidence extends FakeDelivery {
  async prove(caller: Caller, id: string) {
    return { run: await this.run(caller, id), size: 42, files: ['checkpoint', 'entries.jsonl', 'report.html'] };
  }

  async bundleArchive(_caller: Caller, run: string) {
    return { name: `rekey-${run}.tar`, content: archive() };
  }

  async bundle(_caller: Caller, id: string, file: string) {
    this.runRow(id);
    if (!['checkpoint', 'entries.jsonl', 'report.html'].includes(file))
      throw new Problem('not-found', { message: `the bundle has no file ${file}` });
    return { name: file, content: chunks(`${file} of ${id}\n`) };
  }
}

async function* archive(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1024); // the end of an archive without files
}
