// Whether a text is one mail address. Strict on purpose: what is not plainly one mailbox could be two, or a header.

export function isMailbox(text: string): boolean {
  return /^[^\s@<>,;:"()[\]\\\p{Cc}]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/u.test(text) && text.length <= 254;
}
