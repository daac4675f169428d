// rekey evidence verify: offline, without the estate. Says what was checked, or names the first bad entry.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { approvalVerifier } from '../../approve/verify-approval.ts';
import { nodeCryptography } from '../../cryptography/node.ts';
import { Problem } from '../../domain/problem.ts';
import { verifyBundle } from '../../prove/verify.ts';
import { act, type Cli, common, examples, text } from '../cli.ts';
import { quiet } from '../quiet.ts';
import { cleanAll } from '../terminal.ts';
import { counted, table } from '../words.ts';

export function define(command: Command, cli: Cli): void {
  examples(command, [
    'rekey evidence verify evidence',
    'rekey evidence verify evidence --key "acme+1a2b3c4d+AQ..."',
    'rekey evidence verify evidence --json',
  ]);
  const verify = common(
    quiet(
      command
        .command('verify')
        .summary('check a bundle offline')
        .description('Checks a bundle offline, without the estate.')
        .argument('<dir>', 'folder of the bundle, or its .tar'),
      cli,
    ),
  ).option('--key <line>', 'the verifier key you were given another way (name+hash+key)');
  act(cli, verify, async ([dir = ''], flags) => {
    const key = text(flags, 'key');
    const found = await verifyBundle(resolve(cli.terminal.cwd, dir), {
      verifyApproval: approvalVerifier(nodeCryptography),
      ...(key === undefined ? {} : { key }),
    });
    if (!found.ok) {
      const { entry, file, reason } = found;
      throw new Problem(
        'evidence-altered',
        {
          place: entry === undefined ? `${dir}/${file}` : `${dir}/${file}:${entry + 1}`,
          message: entry === undefined ? reason : `entry ${entry}: ${reason}`,
          hint: 'this bundle proves nothing; fetch it again with rekey prove RUN -o DIR',
        },
        found.findings.map((f) => ({ place: f.entry === undefined ? f.file : `${f.file}:${f.entry + 1}`, message: f.reason })),
      );
    }
    if (cli.json) {
      await cli.document('Verification', found);
      return 0;
    }
    const shown = cleanAll(found);
    const { green } = cli.colors(cli.terminal.stdout);
    if (shown.demo) cli.say('DEMO: evidence of a fictitious estate');
    await cli.out(`${green('✔ verified')}: nothing in this bundle was altered\n`);
    const rows = [
      ['  estate', shown.estate],
      ['  run', shown.run],
      ['  plan hash', shown.planHash],
      ['  entries', `${counted(shown.entries, 'entry', 'entries')}, ${counted(shown.items, 'item')}`],
      ['  approved by', shown.approvals.length === 0 ? 'nobody (none needed)' : shown.approvals.join(', ')],
      ...shown.approvedWith.map((said) => ['  key', said]),
      ['  trust', shown.trust],
    ];
    await cli.out(
      table(rows)
        .map((line) => `${line}\n`)
        .join(''),
    );
    return 0;
  });
}
