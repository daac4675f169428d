// README.txt of a bundle: what each file is, and how to check all of it with our tool or with none of ours.
import type { NoteKey } from './note.ts';

export function readmeText({
  run,
  estate,
  origin,
  key,
  demo,
}: {
  run: string;
  estate: string;
  origin: string;
  key: NoteKey;
  demo: boolean;
}): string {
  return `${demo ? 'DEMO: the estate in this bundle is fictitious. Nothing real was reset or tested.\n\n' : ''}Evidence of run ${run}, estate ${estate}
${'='.repeat(`Evidence of run ${run}, estate ${estate}`.length)}

Read report.html first. It opens without a network and runs nothing.

VERIFY
  rekey evidence verify . --key '${key.line}'

Take the key from the people who run Rekey, not from this folder: key.pub is here only so that you can see which key it should be.
Nothing else is needed: no store, no network. An altered file is named; in the log the first altered entry is named too.

FILES
  report.html, report.json   the report, and the same as data
  items.csv, exceptions.csv  for spreadsheets
  items.ndjson               every credential: state, tests of the old secret, consumers
  people.ndjson              every person: one verdict, and all of their accounts
  entries.ndjson             the evidence log, one entry a line: plan, approvals, every step, every test. No secret is in it.
  leaves                     SHA-256(0x00 || line without its line end) of each entry, 32 bytes each, in order
  checkpoint                 size and root of the log, signed (c2sp.org/tlog-checkpoint)
  plan.json                  the plan's header: the SHA-256 of these bytes is the plan's hash
  plan-items.ndjson          what the plan said of each credential
  approvals.json             the message that was approved, the approvers' public keys and signatures
  approvers.json             whose key counted, as the signed log says, and since when a passkey is known as theirs
  key.pub                    the verifier key of the log (c2sp.org/signed-note)
  manifest.json              size and SHA-256 of all files above
  manifest.note              SHA-256 of manifest.json, signed with the same key

WITHOUT OUR TOOL
1. Signatures. checkpoint and manifest.note are signed notes: any signed-note tool opens them with the key, for instance Go's
   golang.org/x/mod/sumdb/note (note.Open with note.NewVerifier). By hand: the Ed25519 signature covers the text up to the empty line;
   the base64 at the end of the signature line is 4 bytes of key id, then 64 bytes of signature.
2. Files. The third line of manifest.note is the SHA-256 of manifest.json:
     sha256sum manifest.json
     jq -r '.files[] | .sha256 + "  " + .name' manifest.json | sha256sum -c
3. Log. Its origin is ${origin}. The root in checkpoint is the RFC 6962 / RFC 9162 tree hash over the lines of entries.ndjson
   (each without its line end): any transparency-log library computes it, for instance golang.org/x/mod/sumdb/tlog.
4. Approvals by SSH key (method ssh), one for each approver:
     jq -j .message approvals.json > message
     jq -r '.approvals[0].signature' approvals.json > signature
     jq -r '.approvals[0] | .approver + " " + .publicKey' approvals.json > signers
     ssh-keygen -Y verify -f signers -I "$(jq -r '.approvals[0].approver' approvals.json)" -n rekey-approval -s signature < message
5. Approvals by passkey (method passkey): "signature" holds the whole assertion (WebAuthn). Its challenge is the SHA-256 of the text below, in base64url:
     jq -r '.approvals[0].signature | fromjson | .clientDataJSON' approvals.json | tr '_-' '/+' | base64 -di | jq -r .challenge
     printf 'rekey-approval passkey v1\\n%s\\napprover %s\\n' "$(jq -r .message approvals.json)" "$(jq -r '.approvals[0].approver' approvals.json)" | openssl dgst -sha256 -binary | basenc --base64url
   The signature is over authenticatorData and the SHA-256 of clientDataJSON, by the COSE key in "publicKey": any WebAuthn library checks it.
   Compare the public keys with those you know of these people. Nothing in this folder can tell you that a key is theirs but the word of the server that wrote it.
`;
}
