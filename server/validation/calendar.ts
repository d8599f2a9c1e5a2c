const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const isLeapYear = (year: number) => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0

/** Whether the day of a date, dateTime or instant that has the right form exists: there is no 2024-02-30. */
export function isRealDate(text: string): boolean {
  if (text.length < 10) return true
  const month = Number(text.slice(5, 7))
  const day = Number(text.slice(8, 10))
  return day <= (DAYS[month - 1] ?? 0) || (month === 2 && day === 29 && isLeapYear(Number(text.slice(0, 4))))
}
