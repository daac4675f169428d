// Settings: each part has its address, is readable by everybody, and shows only what its reader may see; nothing secret stands on any of them.
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { openPage } from './browser.ts';
import { signedIn } from './console-door.ts';
import { lookAt, tabTo } from './screens.ts';
import { onStage } from './stage.ts';

const stage = onStage('empty');

const hostile = `<img src=x onerror="document.title='owned'">`;
const at = '2026-11-20T09:00:00.000Z';
const later = '2027-11-20T09:00:00.000Z';
const playbook = {
  id: 'contain-account',
  where: 'system = $system and account = $account',
  mode: 'contain',
  reason: 'account taken over',
  parameters: ['account', 'system'],
  cap: { credentials: 5, systems: 1, tier0: 0 },
  cooldownSeconds: 900,
  hash: 'a1'.repeat(32),
  message: `rekey approval v1\nestate acme\nid playbook/contain-account\nhash sha256:${'a1'.repeat(32)}\n`,
  preApproved: {
    by: ['carol', 'erin'],
    until: later,
    needed: 2,
    given: [{ name: 'erin', method: 'passkey', at }],
    inForce: false,
    may: ['carol'],
    canGive: true,
  },
};
/** What the API answers about people; a hostile name among them. */
const answers: Readonly<Record<string, unknown>> = {
  '/v1/members': {
    items: [
      member('M-1', 'carol', ['operator', 'administrator']),
      member('M-2', hostile, ['approver']),
      { ...member('M-3', 'dave', []), disabled: true, passkeys: 0, seenAt: null },
    ],
  },
  '/v1/invitations': {
    items: [
      { id: 'I-1', name: 'erin', email: 'erin@example.test', roles: ['approver'], member: null, createdBy: 'carol', expiresAt: later },
      { id: 'I-2', name: 'dave', email: null, roles: [], member: 'M-3', createdBy: 'carol', expiresAt: later },
    ],
  },
  '/v1/passkeys': {
    items: [
      { id: 'a', name: 'phone', backedUp: true, createdAt: at, usedAt: at },
      { id: 'b', name: 'blue key', backedUp: false, createdAt: at, usedAt: null },
    ],
  },
  '/v1/sessions': {
    items: [
      {
        id: 'L-1',
        member: 'M-1',
        method: 'passkey',
        address: '192.0.2.7',
        agent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36',
        createdAt: at,
        seenAt: at,
        expiresAt: later,
        current: true,
      },
      { id: 'L-2', member: 'M-1', method: 'oidc', address: null, agent: null, createdAt: at, seenAt: at, expiresAt: later, current: false },
    ],
  },
  '/v1/tokens': {
    items: [
      {
        id: 'T-1',
        member: 'M-1',
        name: 'nightly report',
        permissions: ['run.read', 'evidence.read'],
        createdBy: 'carol',
        createdAt: at,
        expiresAt: later,
        usedAt: null,
        revokedAt: null,
      },
    ],
  },
  '/v1/playbooks': { items: [playbook] },
  '/v1/audit': {
    items: [
      { at, event: 'sign-in', by: 'carol', member: 'M-1', address: '192.0.2.7', line: '{"kind":"access","event":"sign-in"}' },
      { at, event: 'member-changed', by: 'carol', member: 'M-2', address: null, line: '{"kind":"access","event":"member-changed"}' },
    ],
  },
};

function member(id: string, name: string, roles: readonly string[]) {
  const about = { email: null, identity: null, disabled: false, expiresAt: null, passkeys: 1, oidc: false };
  return { id, name, roles, ...about, createdBy: 'carol', createdAt: at, seenAt: at };
}

/** The socket of an opened estate has no sessions: these answers stand in its place. */
async function told(page: Page): Promise<Page> {
  for (const [path, body] of Object.entries(answers))
    await page.context().route(
      (url) => url.pathname === path,
      (route) => (route.request().method() === 'GET' ? route.fulfill({ json: body }) : route.fallback()),
    );
  return page;
}

const parts = [
  ['members', 'Invite somebody'],
  ['passkeys', 'blue key'],
  ['sessions', 'Chrome on Linux (this one)'],
  ['tokens', 'nightly report'],
  ['audit', 'member changed'],
  ['notices', 'How a message looks'],
  ['playbooks', 'Sign contain-account in advance'],
  ['estate', 'Approvers by SSH key'],
  ['server', 'Log key'],
] as const;

describe('looked at', () => {
  test.each(parts)('%s', (tab, text) =>
    lookAt(stage.browser, {
      name: `settings-${tab}`,
      url: `${stage.served.url}/settings?tab=${tab}`,
      before: told,
      ready: (page) => page.getByText(text, { exact: true }).filter({ visible: true }).first().waitFor(),
    }),
  );
});

async function open(path: string): Promise<Page> {
  const page = await told(await openPage(stage.browser));
  await page.goto(`${stage.served.url}${path}`);
  return page;
}

test('each part has an address, and the keyboard goes from part to part', async () => {
  const page = await open('/settings?tab=members');
  await page.getByRole('tab', { name: 'Members' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.waitForURL(/tab=passkeys/);
  await page.getByText('blue key', { exact: true }).waitFor();
  await page.goBack();
  await page.context().close();
});

test('a name that is markup stands there as text', async () => {
  const page = await open('/settings?tab=members');
  await page.getByText(hostile).waitFor();
  expect(await page.title()).not.toContain('owned');
  expect(await page.locator('main img').count()).toBe(0);
  await page.context().close();
});

test('an invitation is shown once, in its own window, and is gone from the page when that is closed', async () => {
  const page = await open('/settings?tab=members');
  const address = 'http://localhost/join#ABCD-EFGH-JKLM';
  await page.route('**/v1/invitations', (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({ status: 201, json: { code: 'ABCD-EFGH-JKLM', url: address, expiresAt: later } })
      : route.fallback(),
  );
  await page.getByRole('button', { name: 'Invite somebody' }).click();
  await page.getByLabel(/^Name/).fill('erin');
  await page.getByRole('checkbox', { name: 'approver', exact: true }).check();
  await page.getByRole('button', { name: 'Make the invitation' }).click();
  await page.getByText(address).waitFor();
  await page.getByRole('button', { name: 'I have it, hide it' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await page.content()).not.toContain('ABCD-EFGH');
  await page.context().close();
});

test('a member who lost the passkey gets a way back in, shown once; what they had is gone unless it is kept', async () => {
  const page = await open('/settings?tab=members');
  const asked: unknown[] = [];
  await page.route('**/v1/members/M-1/invitation', (route) => {
    asked.push(route.request().postDataJSON());
    return route.fulfill({ status: 201, json: { code: 'WXYZ-EFGH-JKLM', url: 'http://localhost/join#WXYZ-EFGH-JKLM', expiresAt: later } });
  });
  await page.getByRole('button', { name: 'Change carol' }).click();
  await page.getByRole('button', { name: 'Lost the passkey…' }).click();
  await page.getByRole('button', { name: 'Make the way back in' }).click();
  await page.getByText('http://localhost/join#WXYZ-EFGH-JKLM').waitFor();
  await page.getByRole('button', { name: 'I have it, hide it' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(asked).toEqual([{ keepPasskeys: false }]);
  expect(await page.content()).not.toContain('WXYZ-EFGH');
  await page.context().close();
});

test('an open invitation is listed without its code, and taken back', async () => {
  const page = await open('/settings?tab=members');
  let taken = 0;
  await page.route('**/v1/invitations/I-1/revoke', (route) => {
    taken += 1;
    return route.fulfill({ json: { done: true } });
  });
  await page.getByRole('row', { name: /dave.*a member, back in/ }).waitFor();
  await page.getByRole('button', { name: 'Take back the invitation of erin' }).click();
  await expect.poll(() => taken).toBe(1);
  await page.context().close();
});

test('the audit is asked by who and what, on the server, and both stand in the address', async () => {
  const page = await open('/settings?tab=audit');
  const asked: string[] = [];
  page.on('request', (request) => void (request.url().includes('/v1/audit') && asked.push(new URL(request.url()).search)));
  await page.getByLabel('What', { exact: true }).selectOption('sign-in-refused');
  await page.waitForURL(/event=sign-in-refused/);
  await page.getByLabel('By', { exact: true }).fill('carol');
  await page.keyboard.press('Enter');
  await page.waitForURL(/by=carol/);
  await expect.poll(() => asked.some((query) => query.includes('by=carol') && query.includes('event=sign-in-refused'))).toBe(true);
  await page.context().close();
});

test('an act that needs a fresh passkey asks for it, then goes through', async () => {
  const page = await open('/settings?tab=members');
  let asked = 0;
  let changed = 0;
  await page.route('**/v1/sign-in/passkey/options', (route) => {
    asked += 1;
    return route.fulfill({ status: 403, json: { code: 'not-permitted', detail: 'no passkey in this test', status: 403 } });
  });
  await page.route('**/v1/members/M-3', (route) => {
    changed += 1;
    return route.fulfill({ status: 403, json: { code: 'passkey-needed', detail: 'show your passkey again', status: 403 } });
  });
  await page.getByRole('button', { name: 'Change dave' }).click();
  await page.getByRole('checkbox', { name: 'viewer', exact: true }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('no passkey in this test').waitFor();
  expect([changed, asked]).toEqual([1, 1]);
  await page.context().close();
});

test('who may not see members or the audit is not shown the way there', async () => {
  stage.served.door.session = { ...signedIn, permissions: { 'run.read': 'all' } };
  try {
    const page = await open('/settings?tab=members');
    await page.getByRole('tab', { name: 'My passkeys' }).waitFor();
    expect(await page.getByRole('tab').allTextContents()).toEqual(['My passkeys', 'Sessions', 'API tokens']);
    await page.context().close();
  } finally {
    stage.served.door.session = signedIn;
  }
});

test('a filter that hides all says so, which is not the same as none', async () => {
  const page = await open('/settings?tab=audit&find=nobody-did-this');
  await page.getByText('the filter hides 2 entries').waitFor();
  await page.getByRole('button', { name: 'Clear the filter' }).click();
  await page.getByRole('cell', { name: 'member changed' }).waitFor();
  await page.context().close();
});

test('the keyboard alone reaches a member’s change and the invitation', async () => {
  const page = await open('/settings?tab=members');
  await page.getByRole('button', { name: 'Change carol' }).waitFor();
  await tabTo(page, /^Invite somebody$/);
  await tabTo(page, /^Change carol$/);
  await page.context().close();
});

test('a playbook is signed over the hash on this page, or not at all', async () => {
  const page = await open('/settings?tab=playbooks');
  const sent: string[] = [];
  await page.route('**/v1/playbooks/contain-account/passkey', (route) => {
    sent.push(route.request().postData() ?? '');
    return route.fulfill({ status: 200, json: playbook });
  });
  await page.route('**/v1/playbooks/contain-account/passkey/options', (route) => {
    const options = { challenge: 'Y2g', rpId: 'localhost', timeout: 1000, userVerification: 'required', allowCredentials: [] };
    return route.fulfill({
      json: { id: 'playbook/contain-account', hash: 'b2'.repeat(32), message: 'another text', approver: 'carol', options },
    });
  });
  await page.getByRole('button', { name: 'Sign contain-account with my passkey' }).click();
  await page.getByText('contain-account is not what this page shows any more.').waitFor();
  expect(sent).toEqual([]);
  await page.context().close();
});
