import type Provider from 'oidc-provider'

type Token = { generateTokenId(): string }

/**
 * A value that begins with a hyphen is taken for an option where somebody hands it to a command (`--token -x…`): such a one is not given
 * out, of sixty-four one would be.
 */
export function drawPlainValues({ AccessToken, ClientCredentials, RefreshToken, AuthorizationCode }: Provider): void {
  for (const { prototype } of [AccessToken, ClientCredentials, RefreshToken, AuthorizationCode]) {
    const token = prototype as unknown as Token
    const draw = token.generateTokenId
    token.generateTokenId = function () {
      for (;;) {
        const value = draw.call(this)
        if (!value.startsWith('-')) return value
      }
    }
  }
}
