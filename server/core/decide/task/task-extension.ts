import type { Extension, Task } from '@medplum/fhirtypes'

/** The Task with these extensions in place of all that it had of these urls. R4 knows no empty list. */
export function withExtensions(task: Task, urls: readonly string[], extensions: Extension[]): Task {
  const { extension = [], ...rest } = task
  const all = [...extension.filter(({ url }) => !urls.includes(url)), ...extensions]
  return all.length > 0 ? { ...rest, extension: all } : rest
}

export const extensionOf = (task: Task, url: string): Extension | undefined =>
  task.extension?.find((one) => one.url === url)

/** A part of a complex extension. */
export const part = (parts: Extension[], url: string): Extension | undefined => parts.find((one) => one.url === url)
