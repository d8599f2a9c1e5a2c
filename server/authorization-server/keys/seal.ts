import { CompactEncrypt, compactDecrypt } from 'jose'
import type { JWK } from 'oidc-provider'
import { StartFailure } from '../../start-failure.ts'

/** How keys are kept from who reads the database. */
export type Seal = {
  /** Whether new keys are sealed. */
  isOn: boolean
  /** @returns a JWE that only this server can open */
  close: (jwk: JWK) => Promise<string>
  /** @throws StartFailure when no key that is configured opens it */
  open: (sealed: string) => Promise<JWK>
  /** The same for a text that is no key, such as a token. */
  closeText: (text: string) => Promise<string>
  openText: (sealed: string) => Promise<string>
}

/**
 * Seals keys with AES-256-GCM. https://www.rfc-editor.org/rfc/rfc7516
 * @param secrets 32 bytes each; the first seals, every one of them opens, so that the secret itself can be changed
 */
export function createSeal(secrets: readonly Uint8Array[]): Seal {
  const [first] = secrets
  async function closeText(text: string): Promise<string> {
    if (!first) throw new Error('no key to seal with is configured')
    const header = { alg: 'dir', enc: 'A256GCM' }
    return new CompactEncrypt(new TextEncoder().encode(text)).setProtectedHeader(header).encrypt(first)
  }
  async function openText(sealed: string): Promise<string> {
    for (const secret of secrets) {
      const opened = await compactDecrypt(sealed, secret).catch(() => undefined)
      if (opened) return new TextDecoder().decode(opened.plaintext)
    }
    throw new StartFailure(
      'The signing keys in the database are sealed, and KEY_ENCRYPTION_KEY does not open them. Set it to what it was.',
    )
  }
  return {
    isOn: first !== undefined,
    close: (jwk) => closeText(JSON.stringify(jwk)),
    open: async (sealed) => JSON.parse(await openText(sealed)),
    ...{ closeText, openText },
  }
}
