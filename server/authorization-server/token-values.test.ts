import type Provider from 'oidc-provider'
import { drawPlainValues } from './token-values.ts'

test('a value that a command line would take for an option is drawn again', () => {
  class Token {
    private readonly drawn = ['-first', '-second', 'third-']
    generateTokenId() {
      return this.drawn.shift()
    }
  }
  class OtherToken extends Token {}
  drawPlainValues({
    ...{ AccessToken: Token, ClientCredentials: OtherToken, RefreshToken: OtherToken, AuthorizationCode: OtherToken },
  } as unknown as Provider)
  expect(new Token().generateTokenId()).toBe('third-')
})
