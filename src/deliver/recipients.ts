// Who may open a hand-over file: age recipients, checked before anything is asked, approved or opened.
import { Encrypter } from 'age-encryption';
import { Problem } from '../domain/problem.ts';

/** Sorted and without doubles. Throws a Problem that names the bad one, never one that might be a private key. */
export async function readRecipients(typed: readonly string[]): Promise<readonly string[]> {
  const recipients = [...new Set(typed.map((each) => each.trim()).filter((each) => each !== ''))].sort();
  if (recipients.length === 0)
    throw new Problem('usage', {
      message: 'a hand-over needs at least one recipient',
      place: '--to',
      hint: 'give an age recipient: --to age1…',
    });
  for (const [i, recipient] of recipients.entries()) {
    if (/^age-secret-key-/i.test(recipient))
      throw new Problem('usage', {
        message: 'this is a private age identity, not a recipient; whoever saw this command line can open what is sent to it',
        place: `--to, number ${i + 1}`,
        hint: 'make a new identity, and give its public recipient (age-keygen -y FILE)',
      });
    if (!accepted(recipient))
      throw new Problem('usage', {
        message: `${recipient.slice(0, 80)} is not an age recipient`,
        place: `--to, number ${i + 1}`,
        hint: 'a recipient begins with age1; age-keygen prints it',
      });
  }
  try {
    // some kinds of recipients cannot stand in one file: the library says so only when it encrypts
    await encrypterTo(recipients).encrypt(new Uint8Array());
  } catch {
    throw new Problem('usage', {
      message: 'these recipients cannot share one file',
      place: '--to',
      hint: 'do not mix post-quantum (age1pq1…) and classic (age1…) recipients',
    });
  }
  return recipients;
}

export function encrypterTo(recipients: readonly string[]): Encrypter {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return encrypter;
}

function accepted(recipient: string): boolean {
  try {
    encrypterTo([recipient]);
    return true;
  } catch {
    return false;
  }
}
