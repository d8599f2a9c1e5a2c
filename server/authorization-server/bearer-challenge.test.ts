import { bearerChallenge } from './authenticate.ts'

// https://www.rfc-editor.org/rfc/rfc6750#section-3.1
test.each([
  [undefined, 'Bearer realm="fhir"'],
  ['Bearer expired', 'Bearer realm="fhir", error="invalid_token"'],
  ['Basic eDp5', 'Bearer realm="fhir", error="invalid_token"'],
])('who sends %j is answered %s', (header, challenge) => expect(bearerChallenge(header)).toBe(challenge))
