// A private CA made with openssl: an index, a script that signs, lists, revokes and publishes, and, if asked, an OCSP responder.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

export type CaOptions = {
  /** Ours to fill. */
  readonly dir: string;
  /** Common names that get a first certificate. */
  readonly names: readonly string[];
  readonly ocsp?: boolean;
  /** Shell lines that `publish` runs once the new list is in place, such as the reload of a server. */
  readonly afterPublish?: string;
};
export type LabCa = {
  readonly dir: string;
  /** PEM file of the CA's certificate. */
  readonly certificate: string;
  /** `ca.sh sign NAME LABEL`, `list`, `revoke SERIAL`, `publish`. */
  readonly script: string;
  readonly index: string;
  readonly crl: string;
  readonly ocspUrl: string | undefined;
  /** First secret of each name: key and certificate in PEM. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Issues past the product: key and certificate in PEM. */
  issue(name: string, more?: { readonly days?: number; readonly server?: boolean }): Promise<string>;
  run(...args: string[]): Promise<string>;
  /** Makes the list end this many seconds from now; negative = it has ended. */
  publishUntil(seconds: number): Promise<void>;
  stop(): Promise<void>;
};

export async function startCa(options: CaOptions): Promise<LabCa> {
  const { dir } = options;
  mkdirSync(join(dir, 'certs'), { recursive: true });
  const at = (name: string): string => join(dir, name);
  writeFileSync(at('openssl.cnf'), configuration(dir));
  writeFileSync(at('ca.sh'), script(dir, options.afterPublish ?? ''), { mode: 0o755 });
  writeFileSync(at('index.txt'), '');
  writeFileSync(at('labels.txt'), '');
  writeFileSync(at('crlnumber'), '01\n');
  const openssl = async (...args: string[]): Promise<string> => (await exec('openssl', args, { cwd: dir })).stdout;
  const newKey = async (file: string): Promise<void> => {
    await openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', file);
  };
  await newKey(at('ca.key'));
  await openssl(
    'req',
    '-new',
    '-x509',
    '-config',
    'openssl.cnf',
    '-extensions',
    'root',
    '-key',
    'ca.key',
    '-days',
    '30',
    '-subj',
    '/O=Lab/CN=Lab CA',
    '-out',
    'ca.pem',
  );
  const run = async (...args: string[]): Promise<string> => (await exec(at('ca.sh'), args, { cwd: dir })).stdout;

  async function issue(
    name: string,
    { days = 30, server = false }: { readonly days?: number; readonly server?: boolean } = {},
  ): Promise<string> {
    await newKey('new.key');
    await openssl('req', '-new', '-config', 'openssl.cnf', '-key', 'new.key', '-subj', `/O=Lab/CN=${name}`, '-out', 'new.csr');
    const validity = days >= 0 ? ['-days', String(days)] : ['-startdate', '200101000000Z', '-enddate', '200201000000Z'];
    await openssl(
      'ca',
      '-config',
      'openssl.cnf',
      '-batch',
      '-notext',
      '-extensions',
      server ? 'server' : 'client',
      ...validity,
      '-in',
      'new.csr',
      '-out',
      'new.pem',
    );
    return openssl('pkey', '-in', 'new.key').then(async (key) => key + (await openssl('x509', '-in', 'new.pem')));
  }

  const secrets: Record<string, string> = {};
  for (const name of options.names) secrets[name] = await issue(name);
  await run('publish');
  const responder = options.ocsp === true ? await startResponder() : undefined;

  /** `openssl ocsp` answers each question from the index as it then is; its own server would listen on every address of the machine. */
  async function startResponder(): Promise<{ readonly url: string; stop(): Promise<void> }> {
    let asked = 0;
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const [question, answer] = [at(`ocsp-${++asked}.req`), at(`ocsp-${asked}.resp`)];
      writeFileSync(question, Buffer.concat(chunks));
      const files = ['-index', 'index.txt', '-CA', 'ca.pem', '-rsigner', 'ca.pem', '-rkey', 'ca.key', '-ndays', '1'];
      await openssl('ocsp', ...files, '-reqin', question, '-respout', answer);
      response.writeHead(200, { 'content-type': 'application/ocsp-response', connection: 'close' }).end(readFileSync(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}/`, stop: () => new Promise((resolve) => server.close(() => resolve())) };
  }

  return {
    dir,
    certificate: at('ca.pem'),
    script: at('ca.sh'),
    index: at('index.txt'),
    crl: at('crl.pem'),
    ocspUrl: responder?.url,
    secrets,
    issue,
    run,
    publishUntil: async (seconds) => {
      const stamp = (ms: number): string => `${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
      const now = Date.now();
      await openssl(
        'ca',
        '-config',
        'openssl.cnf',
        '-gencrl',
        '-crl_lastupdate',
        stamp(now - 86_400_000),
        '-crl_nextupdate',
        stamp(now + seconds * 1000),
        '-out',
        'crl.pem',
      );
    },
    stop: async () => responder?.stop(),
  };
}

const configuration = (dir: string): string => `
[ca]
default_ca = lab
[lab]
dir = ${dir}
database = $dir/index.txt
new_certs_dir = $dir/certs
certificate = $dir/ca.pem
private_key = $dir/ca.key
crlnumber = $dir/crlnumber
default_md = sha256
default_days = 30
default_crl_days = 7
unique_subject = no
rand_serial = yes
policy = any
copy_extensions = copy
[any]
organizationName = optional
commonName = supplied
[req]
distinguished_name = name
prompt = no
[name]
CN = unused
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign, digitalSignature
subjectKeyIdentifier = hash
[client]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
[server]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = IP:127.0.0.1, DNS:localhost
`;

/** What an operator would write around \`openssl ca\`. A file called "refuse" or "slow" beside it makes it fail as CAs do. */
const script = (dir: string, afterPublish: string): string => `#!/bin/sh
set -e
cd ${dir}
case "$1" in
sign)
  [ ! -e refuse ] || exit 65
  cat > request.$$
  openssl ca -config openssl.cnf -batch -notext -extensions client -in request.$$ -out signed.$$ 2>>ca.log || { rm -f request.$$; exit 65; }
  rm -f request.$$
  echo "$(openssl x509 -in signed.$$ -noout -serial | cut -d= -f2) $3" >> labels.txt
  [ ! -e slow ] || sleep 20
  cat signed.$$
  rm -f signed.$$ ;;
list)
  while IFS='	' read -r status end revoked serial file subject; do
    [ "$status" = R ] || { serial=$revoked; subject=$file; }
    label=$(sed -n "s/^$serial //p" labels.txt | tail -1)
    [ "$status" = R ] && gone=true || gone=false
    printf '{"serial":"%s","name":"%s","revoked":%s,"label":"%s","expiresAt":"20%s-%s-%sT%s:%s:%sZ"}\\n' "$serial" "\${subject##*/CN=}" $gone "$label" \\
      $(echo "$end" | sed 's/\\(..\\)/\\1 /g' | cut -c1-17)
  done < index.txt ;;
revoke)
  [ ! -e unrevokable ] || exit 77
  file=certs/$2.pem
  openssl ca -config openssl.cnf -revoke "$file" 2>>ca.log ;;
publish)
  openssl ca -config openssl.cnf -gencrl -out crl.new 2>>ca.log
  mv crl.new crl.pem
  ${afterPublish} ;;
*) exit 64 ;;
esac
`;
