// What the delivery pages can do beyond plain HTML: copy without showing, hide, print, sign in with a passkey, times of the reader's own clock. All optional.

/** Runs in the browser as it stands. Every text it shows is in the page already; the secret goes to the clipboard and to nothing else. */
export const script = `
'use strict';
const $ = (id) => document.getElementById(id);
const say = (id) => { const live = $('live'); const text = $(id); if (live && text) { live.textContent = ''; setTimeout(() => { live.textContent = text.textContent; }, 50); } };
for (const time of document.querySelectorAll('time')) {
  const at = new Date(time.dateTime);
  if (!isNaN(at)) { time.title = time.textContent; time.textContent = at.toLocaleString(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' }) + ' ' + (new Intl.DateTimeFormat('en', { timeZoneName: 'short' }).formatToParts(at).find((p) => p.type === 'timeZoneName') || { value: '' }).value; }
}
const toClipboard = async (text) => {
  if (!navigator.clipboard) throw new Error('none');
  if (typeof ClipboardItem === 'function' && navigator.clipboard.write)
    return navigator.clipboard.write([new ClipboardItem({ 'text/plain': text.then((t) => new Blob([t], { type: 'text/plain' })) })]);
  return navigator.clipboard.writeText(await text);
};
const copy = $('copy');
if (copy) {
  copy.hidden = false;
  copy.addEventListener('click', async () => {
    const form = copy.form;
    copy.disabled = true;
    const fetched = fetch(form.action, { method: 'POST', headers: { accept: 'text/plain' }, body: new URLSearchParams(new FormData(form)), credentials: 'same-origin', redirect: 'error' })
      .then((answer) => { if (!answer.ok || !(answer.headers.get('content-type') || '').startsWith('text/plain')) throw new Error('refused'); return answer.text(); });
    try { await toClipboard(fetched); say('copied'); }
    catch { await fetched.then(() => say('not-copied'), () => location.reload()); }
    copy.disabled = false;
  });
}
const secret = $('secret');
if (secret) {
  const value = () => Promise.resolve(secret.textContent);
  const take = $('take');
  take.hidden = false;
  take.addEventListener('click', () => toClipboard(value()).then(() => say('copied'), () => say('not-copied')));
  const hide = $('hide');
  hide.hidden = false;
  hide.addEventListener('click', () => { const now = $('shown').classList.toggle('dots'); hide.setAttribute('aria-pressed', String(now)); say(now ? 'is-hidden' : 'is-shown'); });
  const print = $('print');
  print.hidden = false;
  print.addEventListener('click', () => window.print());
  const gone = () => { for (const id of ['shown', 'spelled', 'acts']) { const part = $(id); if (part) part.remove(); } say('is-over'); $('is-over').hidden = false; };
  const left = Date.parse(secret.dataset.until) - Date.parse(secret.dataset.now);
  if (left >= 0) setTimeout(gone, Math.min(left, 2147483647));
  addEventListener('pageshow', (event) => { if (event.persisted) gone(); });
}
const key = $('passkey');
if (key && window.PublicKeyCredential) {
  key.hidden = false;
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  const post = async (path, body) => { const answer = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json' }, body: JSON.stringify(body), credentials: 'same-origin' }); if (!answer.ok) throw new Error('refused'); return answer.status === 204 ? undefined : answer.json(); };
  key.addEventListener('click', async () => {
    key.disabled = true;
    say('passkey-asks');
    try {
      const asked = await post(key.dataset.options, {});
      const options = asked.options || asked;
      const got = await navigator.credentials.get({ publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: (options.allowCredentials || []).map((c) => ({ ...c, id: bytes(c.id) })) } });
      const r = got.response;
      await post(key.dataset.finish, { id: got.id, rawId: text(got.rawId), type: got.type, clientExtensionResults: got.getClientExtensionResults(), authenticatorAttachment: got.authenticatorAttachment || undefined, response: { authenticatorData: text(r.authenticatorData), clientDataJSON: text(r.clientDataJSON), signature: text(r.signature), userHandle: r.userHandle ? text(r.userHandle) : undefined } });
      location.reload();
    } catch { say('passkey-failed'); $('passkey-failed').hidden = false; }
    key.disabled = false;
  });
}
`;
