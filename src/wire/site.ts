// Where people reach Rekey with a browser: what passkeys are bound to.

/** Throws where no server is running: a passkey cannot be asked for nowhere. */
export type Site = () => { readonly origin: string; readonly rpId: string };
