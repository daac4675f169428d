// The browser's side of passkeys, loaded when somebody uses one, with its errors in plain words.
import type { PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/browser';
import { Refusal } from '../api/refusal.ts';

export async function createPasskey(optionsJSON: PublicKeyCredentialCreationOptionsJSON) {
  const { startRegistration } = await import('@simplewebauthn/browser');
  return told(startRegistration({ optionsJSON }));
}

export async function askPasskey(optionsJSON: PublicKeyCredentialRequestOptionsJSON) {
  const { startAuthentication } = await import('@simplewebauthn/browser');
  return told(startAuthentication({ optionsJSON }));
}

async function told<T>(ceremony: Promise<T>): Promise<T> {
  try {
    return await ceremony;
  } catch (error) {
    throw wordsFor(error instanceof Error ? error : new Error(String(error)));
  }
}

function wordsFor({ name, cause }: Error): Refusal {
  const inner = cause instanceof Error ? cause.name : name;
  const refused = (detail: string, hint: string): Refusal => new Refusal({ status: 0, code: 'passkey', detail, hint });
  switch (inner) {
    case 'NotAllowedError':
      return refused(
        'The passkey was not used: it was cancelled, or nobody answered in time.',
        'try again, and answer the browser when it asks',
      );
    case 'InvalidStateError':
      return refused('This device holds a passkey for this account already.', 'sign in with it');
    case 'SecurityError':
      return refused(
        'The browser allows passkeys only under the name and over the encryption that this server was set up for.',
        'open the address the server printed, over https or on localhost',
      );
    case 'NotSupportedError':
    case 'TypeError':
      return refused('This browser has no passkeys.', 'use a current browser, or a device with a screen lock');
    default:
      return refused('The passkey could not be used.', 'try again, or with another device');
  }
}
