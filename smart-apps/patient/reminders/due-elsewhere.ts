import type { ToDo } from '../today/day.ts'

/** Where somebody is about to do it, or sees it anyway. */
const DOING = /^(?:measure|form|welcome)?(?:\/|$)/

/** What is due now and does not stand on the screen that is shown. @param path of the screen, below the app */
export const dueElsewhere = (path: string, day: () => readonly ToDo[]): ToDo | undefined =>
  DOING.test(path) ? undefined : day().find(({ state }) => state === 'due')
