import { expect, test } from '@jest/globals'
import { keepDraft } from './draft.ts'

/** A vault that writes when the test says so. */
function open() {
  const kept = new Map<string, unknown>()
  const writing: PromiseWithResolvers<void>[] = []
  const vault = {
    read: async <T>(name: string) => kept.get(name) as T | undefined,
    write: async (values: Readonly<Record<string, unknown>>) => {
      const done = Promise.withResolvers<void>()
      writing.push(done)
      await done.promise
      for (const [name, value] of Object.entries(values))
        if (value === undefined) kept.delete(name)
        else kept.set(name, value)
    },
  }
  const settle = async () => {
    for (let i = 0; i < 20; i++) {
      await Promise.resolve()
      for (const one of writing) one.resolve()
    }
  }
  return { vault, kept, writing, settle }
}

test('what was written last is kept, and is there when the page is opened anew', async () => {
  const { vault, settle } = open()
  const draft = keepDraft<string>(vault, 'ask.feedback')
  for (const words of ['F', 'Fi', 'Fin']) draft.keep(words)
  await settle()
  expect(await keepDraft(vault, 'ask.feedback').read()).toBe('Fin')
  expect(await keepDraft(vault, 'ask.appointment-wish').read()).toBeUndefined()
})

test('a letter that was being kept when it was sent does not bring it back', async () => {
  const { vault, kept, writing, settle } = open()
  const draft = keepDraft<string>(vault, 'ask.feedback')
  draft.keep('Fin')
  await Promise.resolve()
  expect(writing).toHaveLength(1)
  draft.keep('Fint')
  const ended = draft.end()
  await settle()
  await ended
  expect([...kept]).toEqual([])
})

test('where the phone keeps nothing, nothing of the page fails', async () => {
  const full = () => Promise.reject(new DOMException('Full', 'QuotaExceededError'))
  const draft = keepDraft<string>({ read: full, write: full }, 'ask.feedback')
  draft.keep('Fin')
  expect(await draft.read()).toBeUndefined()
  await expect(draft.end()).resolves.toBeUndefined()
})

test('after one that could not be kept the next is', async () => {
  const { vault, settle } = open()
  let isFull = true
  const write: typeof vault.write = (values) => (isFull ? Promise.reject(new Error('full')) : vault.write(values))
  const draft = keepDraft<string>({ ...vault, write }, 'ask.feedback')
  draft.keep('Fin')
  await settle()
  isFull = false
  draft.keep('Fint')
  await settle()
  expect(await draft.read()).toBe('Fint')
})
