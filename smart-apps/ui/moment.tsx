import { useEffect, useState } from 'react'
import { useLanguage } from '../texts/use-texts.ts'
import { clock, date, moment, span } from './format.ts'

/** "i dag 07:40"; whoever points at it or reads the page by machine gets the exact time. */
export function Moment({ at }: { at: Date }) {
  const language = useLanguage()
  return (
    <time dateTime={at.toISOString()} title={`${date(at, language)} ${clock(at, language)}`}>
      {moment(at, language)}
    </time>
  )
}

/** "12 min": how long since, with the moment itself for whoever points at it. */
export function Since({ at, now }: { at: Date; now: Date }) {
  const language = useLanguage()
  return (
    <time dateTime={at.toISOString()} title={moment(at, language, now)}>
      {span(now.getTime() - at.getTime(), language)}
    </time>
  )
}

/** The time, told anew so often that nothing on the page is older than that. */
export function useNow(everyMillis: number): Date {
  const [now, setNow] = useState(() => new Date())
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), everyMillis)
    return () => clearInterval(timer)
  }, [everyMillis])
  return now
}
