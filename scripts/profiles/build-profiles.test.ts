import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

test('the JSON that is committed is what the FSH gives', () => {
  const script = join(import.meta.dirname, '../profiles.ts')
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
})
