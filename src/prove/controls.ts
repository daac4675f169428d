// Which controls of which framework this evidence speaks to. It supports them; it does not certify anybody against them.

export type Control = { readonly framework: string; readonly id: string; readonly title: string; readonly evidence: string };

const row =
  (framework: string) =>
  (id: string, title: string, evidence: string): Control => ({ framework, id, title, evidence });
const csf = row('NIST CSF 2.0');
const nhi = row('OWASP NHI Top 10 2025');
const iso = row('ISO/IEC 27001:2022');
const cis = row('CIS Controls v8.1');

export const controls: readonly Control[] = [
  csf('PR.AA-01', 'Identities and credentials are managed', 'coverage; items.ndjson'),
  csf('PR.AA-03', 'Users, services and hardware are authenticated', 'tests by path and level'),
  csf('PR.AA-05', 'Access permissions, with separation of duties', 'approvals.json'),
  csf('RS.MI-01', 'Incidents are contained', 'coverage: contained; sessions ended in the log'),
  csf('RS.MI-02', 'Incidents are eradicated', 'old secrets refused, by path'),
  csf('RS.AN-06', 'Actions are recorded and their integrity is preserved', 'entries.ndjson, checkpoint'),
  csf('RC.RP-05', 'The integrity of restored assets is verified', 'consumers seen on the new secret'),
  nhi('NHI1:2025', 'Improper Offboarding', 'old secrets refused; left out, with reasons'),
  nhi('NHI2:2025', 'Secret Leakage', 'leaked values refused on every tested path'),
  nhi('NHI7:2025', 'Long-Lived Secrets', 'versions and times of reset'),
  iso('A.5.16', 'Identity management', 'one owner for each account in items.ndjson'),
  iso('A.5.17', 'Authentication information', 'reset and delivery through one controlled channel'),
  iso('A.5.28', 'Collection of evidence', 'this bundle and its signatures'),
  iso('A.8.15', 'Logging', 'entries.ndjson'),
  cis('5.1', 'Inventory of accounts', 'coverage: the sums close'),
  cis('5.5', 'Inventory of service accounts', 'owners in items.ndjson; consumers'),
];
