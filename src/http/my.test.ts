// The delivery pages: a link shows nothing and uses up nothing, a form shows once, and no name that was imported can become markup.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../../test/harness/browser.ts';
import { csrfOf, type Delivery, deliveryGround, sendForm } from '../../test/harness/delivery.ts';
import { MemoryAccess } from '../../test/harness/memory-access.ts';
import { VirtualPasskey } from '../../test/harness/virtual-passkey.ts';
import { accessServices } from '../wire/access-services.ts';

const secret = 'q9"<Ab&\'Zz-77+Kp';
let ground: Delivery;
let n = 0;
beforeAll(async () => {
  ground = await deliveryGround({ help: 'Call 4444.' });
});
afterAll(() => ground.close());

/** A person with one account that was reset for them. */
async function person(): Promise<{ person: string; page: string; show: string; saved: string; key: string }> {
  const name = `p${++n}`;
  const key = await ground.add({ id: `uid=${name}`, identity: name, secret });
  const page = `/my/orders-db/${encodeURIComponent(`uid=${name}`)}`;
  return { person: name, page, show: `${page}/show`, saved: `${page}/saved`, key };
}
const look = (url: string, who?: string, method: 'GET' | 'HEAD' | 'OPTIONS' = 'GET', session?: string) =>
  ground.api.inject({ method, url, headers: who === undefined ? {} : { person: who, ...(session === undefined ? {} : { session }) } });
/** The value as a page holds it: escaped, in groups. */
const inPage = (html: string): string =>
  (/<code class="secret"[^>]*>(.*?)<\/code>/s.exec(html)?.[1] ?? '')
    .replace(/<[^>]*>/g, '')
    .replace(
      /&lt;|&gt;|&amp;|&quot;|&#39;|&#96;/g,
      (e) => ({ '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"', '&#39;': "'", '&#96;': '`' })[e] ?? '',
    );

describe('a link', () => {
  test("a link scanner's GET or HEAD on every page and link never uses up a reveal", async () => {
    const { person: who, page, show, saved } = await person();
    const before = [await ground.claims(), await ground.lines(), ground.opened.count];
    const links = new Set(['/my', page, show, saved]);
    for (const url of links)
      for (const method of ['GET', 'HEAD', 'OPTIONS'] as const)
        for (const asked of [who, undefined]) {
          const reply = await look(url, asked, method);
          expect(reply.body, `${method} ${url}`).not.toContain('q9&quot;');
          for (const [, href = ''] of reply.body.matchAll(/(?:href|action)="(\/[^"]*)"/g)) links.add(href.replaceAll('&amp;', '&'));
        }
    expect(links.size).toBeGreaterThanOrEqual(4);
    expect([await ground.claims(), await ground.lines(), ground.opened.count]).toEqual(before);
    expect(inPage((await sendForm(ground.api, show, { person: who }, { version: '1' })).body)).toBe(secret);
  });

  test('without a session every page asks to sign in, and says nothing of accounts', async () => {
    const { page } = await person();
    for (const url of ['/my', page, '/my/none/such']) {
      const reply = await look(url);
      expect([reply.statusCode, reply.headers['content-type']]).toEqual([401, 'text/html; charset=utf-8']);
      expect(reply.body).toContain('Sign in');
      expect(reply.body).not.toContain('uid=');
    }
  });
});

describe('a form', () => {
  test('shows the value once: the audit entry names who, which and where, and the list says so', async () => {
    const { person: who, page, show } = await person();
    const reply = await sendForm(ground.api, show, { person: who }, { version: '1' });
    expect([reply.statusCode, inPage(reply.body)]).toEqual([200, secret]);
    expect((await ground.lines()).at(-1)).toMatchObject({
      kind: 'reveal',
      by: who,
      item: `orders-db/uid=${who}`,
      outcome: 'given',
      version: 1,
      session: `session of ${who}`,
    });
    expect((await look(page, who)).body).toContain('You can see it again in this browser until');
    expect((await look('/my', who)).body).toContain('You got it.');
    expect((await sendForm(ground.api, show, { person: who }, { version: '1' })).statusCode).toBe(200);
    expect((await ground.lines()).at(-1)).toMatchObject({ outcome: 'given again' });
  });

  test('for the clipboard: the bare value as text, exactly, with nothing rendered', async () => {
    const { person: who, show } = await person();
    const reply = await sendForm(ground.api, show, { person: who }, { version: '1' }, { accept: 'text/plain' });
    expect([reply.statusCode, reply.headers['content-type'], reply.body]).toEqual([200, 'text/plain; charset=utf-8', secret]);
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(reply.headers['x-content-type-options']).toBe('nosniff');
  });

  test('sent again from another session, by another person, after the time or with an old version: refused, with a page that helps', async () => {
    const { person: who, page, show } = await person();
    await sendForm(ground.api, show, { person: who }, { version: '1' });
    const opened = ground.opened.count;
    const other = await sendForm(ground.api, show, { person: who, session: 'another' }, { version: '1' });
    expect([other.statusCode, other.body.includes('shown in another browser'), other.body.includes('ask for help now')]).toEqual([
      409,
      true,
      true,
    ]);
    const stranger = await sendForm(ground.api, show, { person: 'mallory' }, { version: '1' });
    expect([stranger.statusCode, stranger.body.includes('nothing here for you')]).toEqual([404, true]);
    const copy = await sendForm(ground.api, show, { person: who, session: 'another' }, { version: '1' }, { accept: 'text/plain' });
    expect([copy.statusCode, copy.body]).toEqual([409, '']);
    const real = ground.clock.now;
    ground.clock.now = new Date(real.getTime() + 600_000);
    const late = await sendForm(ground.api, show, { person: who }, { version: '1' });
    ground.clock.now = real;
    expect([late.statusCode, late.body.includes('can not be shown again'), late.body.includes('Did you lose it?')]).toEqual([
      409,
      true,
      true,
    ]);
    expect(ground.opened.count).toBe(opened);
    expect((await look(page, who)).statusCode).toBe(200);
  });

  test('of a value that was replaced since: the old form gives neither the old value nor the new one', async () => {
    const { person: who, show, key } = await person();
    await ground.store.query("update secret set state = 'previous' where account = $1::int8", [key]);
    await ground.store.query(
      "insert into secret (account, origin, version, state, data_key, sealed) select account, origin, 2, 'live', data_key, sealed from secret where account = $1::int8",
      [key],
    );
    const opened = ground.opened.count;
    const reply = await sendForm(ground.api, show, { person: who }, { version: '1' });
    expect([reply.statusCode, ground.opened.count]).toEqual([409, opened]);
    expect(reply.body).toContain('name="version" value="2"');
    expect((await sendForm(ground.api, show, { person: who }, { version: '2' })).statusCode).toBe(200);
  });

  test('after the window is over: refused, and nobody has seen it', async () => {
    const { person: who, page, show } = await person();
    const real = ground.clock.now;
    ground.clock.now = new Date(real.getTime() + 72 * 3_600_000);
    const opened = ground.opened.count;
    const reply = await sendForm(ground.api, show, { person: who }, { version: '1' });
    const seen = await look(page, who);
    ground.clock.now = real;
    expect([reply.statusCode, ground.opened.count]).toEqual([409, opened]);
    expect(seen.body).toContain('The time to get this password is over');
    expect(seen.body).not.toContain('<button>');
  });

  test('without the token of its own session, or with that of another, does nothing', async () => {
    const { person: who, show, saved } = await person();
    const before = [await ground.claims(), await ground.lines(), ground.opened.count];
    for (const csrf of ['', 'x', csrfOf('session of mallory')])
      for (const url of [show, saved])
        expect((await sendForm(ground.api, url, { person: who, csrf }, { version: '1' })).statusCode).toBe(403);
    expect((await ground.api.inject({ method: 'POST', url: show, headers: { person: who } })).statusCode).toBe(400);
    expect([await ground.claims(), await ground.lines(), ground.opened.count]).toEqual(before);
  });

  test('that says it is saved closes the claim at once, and leads back to the list', async () => {
    const { person: who, show, saved } = await person();
    await sendForm(ground.api, show, { person: who }, { version: '1' });
    const reply = await sendForm(ground.api, saved, { person: who });
    expect([reply.statusCode, reply.headers.location]).toEqual([303, '/my']);
    expect((await ground.lines()).at(-1)).toMatchObject({ kind: 'reveal', outcome: 'kept', by: who });
    expect((await sendForm(ground.api, show, { person: who }, { version: '1' })).statusCode).toBe(409);
  });

  test('sent too often is refused for an hour, and the page says what that may mean', async () => {
    const slow = await deliveryGround({ perHour: 3 });
    await slow.add({ id: 'uid=x', identity: 'x', secret });
    const ask = () => sendForm(slow.api, '/my/orders-db/uid%3Dx/show', { person: 'x' }, { version: '1' });
    const codes = [(await ask()).statusCode, (await ask()).statusCode, (await ask()).statusCode];
    const last = await ask();
    await slow.close();
    expect([...codes, last.statusCode]).toEqual([200, 200, 200, 429]);
    expect(last.body).toContain('Too many tries');
  });
});

describe('a crash', () => {
  test('between the audit and the answer leaves an audited claim that only this session may open again', async () => {
    const { person: who, show } = await person();
    ground.escrow.fails = () => Promise.reject(new Error('power cut'));
    const lost = await sendForm(ground.api, show, { person: who }, { version: '1' });
    delete ground.escrow.fails;
    expect([lost.statusCode, lost.body.includes('q9')]).toEqual([500, false]);
    expect((await ground.lines()).at(-1)).toMatchObject({ outcome: 'given', by: who });
    expect((await sendForm(ground.api, show, { person: who, session: 'another' }, { version: '1' })).statusCode).toBe(409);
    expect(inPage((await sendForm(ground.api, show, { person: who }, { version: '1' })).body)).toBe(secret);
    expect((await ground.lines()).at(-1)).toMatchObject({ outcome: 'given again', by: who });
  });

  test('before the audit is kept opens nothing, and nothing reads as shown', async () => {
    const { person: who, page, show } = await person();
    const opened = ground.opened.count;
    const claims = await ground.claims();
    await ground.store.query('alter table entry add constraint no_room check (false) not valid');
    const lost = await sendForm(ground.api, show, { person: who }, { version: '1' });
    await ground.store.query('alter table entry drop constraint no_room');
    expect([lost.statusCode, ground.opened.count]).toEqual([500, opened]);
    expect(await ground.claims()).toEqual(claims);
    expect((await look(page, who)).body).toContain('is ready');
  });
});

test('a session that a passkey opened gets the pages, its own form token and the value; a form without the session gets nothing', async () => {
  const origin = 'https://rekey.example.test';
  const access = accessServices({
    store: new MemoryAccess(),
    estate: 'acme',
    demo: false,
    signIn: { passkeys: { origin, rpId: 'rekey.example.test' } },
    clientSecret: async () => undefined,
    attempts: async () => ({ ok: true, retryAfterMs: 0 }),
    now: () => new Date(),
  });
  const served = await deliveryGround({ access });
  await served.add({ id: 'uid=zoe', identity: 'zoe', secret });
  const admin = new Browser(served.api, origin);
  await admin.bootstrap(new VirtualPasskey({ origin }), (await access.bootstrapCode()) ?? '', 'Ada');
  const invited = await admin.post('/v1/invitations', { name: 'Zoe', email: 'zoe@example.test', identity: 'zoe', roles: [] });
  const zoe = new Browser(served.api, origin);
  expect((await zoe.join(new VirtualPasskey({ origin }), invited.json().code)).statusCode).toBe(200);
  const page = (await zoe.get('/my/orders-db/uid%3Dzoe')).body;
  const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
  expect(csrf).toBe(zoe.csrf);
  const send = (cookie: string | undefined, more: Record<string, string> = {}) =>
    served.api.inject({
      method: 'POST',
      url: '/my/orders-db/uid%3Dzoe/show',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'sec-fetch-site': 'same-origin',
        origin: 'null', // what a browser says of a form on a page with Referrer-Policy no-referrer
        ...(cookie === undefined ? {} : { cookie: `__Host-rekey=${cookie}` }),
        ...more,
      },
      payload: new URLSearchParams({ csrf, version: '1' }).toString(),
    });
  expect((await send(undefined)).statusCode).toBe(401);
  expect((await send(admin.cookie)).statusCode).toBe(403);
  expect((await send(zoe.cookie, { 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
  expect(served.opened.count).toBe(0);
  const reply = await send(zoe.cookie);
  expect([reply.statusCode, inPage(reply.body)]).toEqual([200, secret]);
  await served.close();
});

describe('every page', () => {
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: templates of other languages, as somebody would try them
  const nasty = [
    '<script>alert(1)</script>',
    `"><img src=x onerror=alert(1)>`,
    `' onmouseover='alert(1)`,
    '{{7*7}}${7*7}<%= 7 %>',
    'a\r\nset-cookie: x=1',
    'ab\u202Etxt.exe',
    '</title><svg/onload=alert(1)>',
    '`${1}`',
    '&lt;script&gt;',
  ];
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above

  test('shows every imported name as text: no markup, no attribute, no header comes of it', async () => {
    const wild = await deliveryGround({ help: '<b onclick=alert(1)>help</b>', estate: '<i>acme</i>' });
    for (const [i, name] of nasty.entries()) {
      const id = `${name}#${i}`;
      await wild.add({ id, name: `${name}@${i}`, identity: name, secret: `${name.replace('\u202E', '')}!` });
      const url = `/my/orders-db/${encodeURIComponent(id)}`;
      const who = encodeURIComponent(name);
      const pages = [
        await wild.api.inject({ url: '/my', headers: { person: who } }),
        await wild.api.inject({ url, headers: { person: who } }),
        await sendForm(wild.api, `${url}/show`, { person: name }, { version: '1' }),
        await wild.api.inject({ url: `/my/${who}/${who}`, headers: { person: who } }),
      ];
      expect(
        pages.map((each) => each.statusCode),
        name,
      ).toEqual([200, 200, 200, 404]);
      for (const { body, headers } of pages) {
        expect(body.replace(/<style nonce.*?<\/style>|<script nonce.*?<\/script>/gs, '')).not.toMatch(
          /<(script|img|svg|b|i)[\s>/]|<[^>]*\son\w+=|\u202E/i,
        );
        expect(headers['set-cookie']).toBeUndefined();
        expect(body.match(/<script/g)).toHaveLength(1);
      }
    }
    await wild.close();
  });

  test('is under 30 kB with all it needs, asks nobody else for anything, and lets no other site in', async () => {
    const many = await deliveryGround();
    for (let i = 0; i < 60; i++) await many.add({ id: `uid=account-number-${i},ou=people,dc=example,dc=test`, identity: 'anna', secret });
    const list = await many.api.inject({ url: '/my', headers: { person: 'anna' } });
    const { person: who, page, show } = await person();
    const pages = [list, await look('/my'), await look(page, who), await sendForm(ground.api, show, { person: who }, { version: '1' })];
    for (const { rawPayload, body, headers } of pages) {
      expect(rawPayload.length).toBeLessThan(30_000);
      expect(body).not.toMatch(/(?:src|href|action)="(?:https?:)?\/\//);
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['referrer-policy']).toBe('no-referrer');
      const policy = String(headers['content-security-policy']);
      const nonce = /script-src 'nonce-([^']+)'/.exec(policy)?.[1];
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      for (const [, used] of body.matchAll(/<(?:script|style) nonce="([^"]+)"/g)) expect(used).toBe(nonce);
    }
    expect(new Set(pages.map(({ headers }) => headers['content-security-policy'])).size).toBe(pages.length);
    await many.close();
  });

  test('reads in plain words: school grade 8 or less by Flesch and Kincaid', async () => {
    const { person: who, page, show, saved } = await person();
    const texts = [(await look('/my')).body, (await look('/my', who)).body, (await look(page, who)).body];
    texts.push((await sendForm(ground.api, show, { person: who }, { version: '1' })).body.replace(/<ol>.*<\/ol>/s, ''));
    texts.push((await look(page, who)).body, (await look(page, who, 'GET', 'another')).body);
    await sendForm(ground.api, saved, { person: who });
    texts.push((await look(page, who)).body, (await look('/my/no/thing', who)).body);
    for (const html of texts) expect(gradeOf(html)).toBeLessThanOrEqual(8);
  });

  test('no secret stands in a report, a header or an address', async () => {
    const { person: who, show } = await person();
    const reply = await sendForm(ground.api, show, { person: who }, { version: '1' });
    expect(JSON.stringify(reply.headers)).not.toContain('q9');
    expect(JSON.stringify(await ground.lines())).not.toContain('q9');
    expect(ground.reports.map(String).join()).not.toContain('q9');
  });
});

function gradeOf(html: string): number {
  const text = html
    .replace(/<(style|script|title|header)\b.*?<\/\1>/gs, '')
    .replace(/<time[^>]*>.*?<\/time>|<code.*?<\/code>/gs, 'noon')
    .replace(/<\/(p|h1|h2|li|dt|dd|button|a|summary)>/g, '. ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&[a-z#0-9]+;/g, ' ');
  const sentences = text.split(/[.!?:]+(?:\s|$)/).filter((each) => /[a-z]{2}/i.test(each));
  const words = text.match(/[a-z’']+/gi) ?? [];
  const syllables = words.reduce(
    (sum, word) =>
      sum +
      Math.max(
        1,
        (
          word
            .toLowerCase()
            .replace(/e$/, '')
            .match(/[aeiouy]+/g) ?? []
        ).length,
      ),
    0,
  );
  return 0.39 * (words.length / sentences.length) + 11.8 * (syllables / words.length) - 15.59;
}
