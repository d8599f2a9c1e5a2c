import { hash } from 'node:crypto'

/**
 * What is stored in place of a value that works for whoever knows it: a token, a code, a launch, a session cookie.
 * They have 256 bits (or 128 for a launch) of randomness, so a fast hash without salt cannot be guessed back.
 */
export function bearerHash(value: string): string {
  return hash('sha256', value, 'base64url')
}
