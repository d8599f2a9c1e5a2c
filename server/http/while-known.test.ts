import { refuse } from '../core/fhir/outcome.ts'
import { whileKnown } from './while-known.ts'

async function* numbers(): AsyncGenerator<number> {
  for (let n = 1; n <= 5; n++) yield n
}

async function taken(check: () => Promise<void>, millis: number): Promise<{ got: number[]; failed?: unknown }> {
  const got: number[] = []
  try {
    for await (const n of whileKnown(numbers(), check, millis)) got.push(n)
    return { got }
  } catch (failed) {
    return { got, failed }
  }
}

test('what is sent goes on while the caller is known, and is asked about again and again', async () => {
  let asked = 0
  const { got, failed } = await taken(async () => void asked++, 0)
  expect([got, failed, asked]).toEqual([[1, 2, 3, 4, 5], undefined, 5])
})

test('from the moment on that the token was revoked, nothing more is sent, and the answer fails', async () => {
  let asked = 0
  const revoked = refuse('login', 'revoked')
  const check = async () => {
    if (++asked === 3) throw revoked
  }
  expect(await taken(check, 0)).toEqual({ got: [1, 2], failed: revoked })
})

test('what is short is not asked about', async () => {
  const check = async () => {
    throw refuse('login', 'never asked')
  }
  expect(await taken(check, 60_000)).toEqual({ got: [1, 2, 3, 4, 5] })
})
