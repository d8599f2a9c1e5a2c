export const SNOOZE_CHOICES = ['today', 'tomorrow', 'two-days', 'week'] as const
export type SnoozeChoice = (typeof SNOOZE_CHOICES)[number]

const DAY_MILLIS = 86_400_000
const AFTERNOON_HOUR = 15
const MORNING_HOUR = 8

/** When a Task comes back, by the clocks of whoever chooses. `today` has passed in the evening, and is then not offered. */
export function snoozeUntil(choice: SnoozeChoice, now: Date): Date {
  if (choice === 'two-days') return new Date(now.getTime() + 2 * DAY_MILLIS)
  if (choice === 'week') return new Date(now.getTime() + 7 * DAY_MILLIS)
  const at = new Date(now)
  if (choice === 'tomorrow') at.setDate(at.getDate() + 1)
  at.setHours(choice === 'today' ? AFTERNOON_HOUR : MORNING_HOUR, 0, 0, 0)
  return at
}
