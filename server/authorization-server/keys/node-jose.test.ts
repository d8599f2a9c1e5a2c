import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const SERVER = join(import.meta.dirname, '../..')

/** Why: docs/decisions/0003. One use of its verifier with options changes every later one in the process. */
test('node-jose is used as a key store in generate-key.ts, and nowhere for anything else', async () => {
  const users: string[] = []
  for await (const file of glob('**/*.ts', { cwd: SERVER })) {
    const text = await readFile(join(SERVER, file), 'utf8')
    if (/(from|import\()\s*['"]node-jose['"]/.test(text) && !file.endsWith('.test.ts')) users.push(file)
  }
  expect(users).toEqual(['authorization-server/keys/generate-key.ts'])
  const source = await readFile(join(SERVER, 'authorization-server/keys/generate-key.ts'), 'utf8')
  expect(source.match(/jose\.\w+\.\w+/g)).toEqual(['jose.JWK.createKeyStore'])
})
