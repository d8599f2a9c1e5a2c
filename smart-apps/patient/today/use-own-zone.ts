import { useMemo } from 'react'
import { useLanguage } from '../../texts/use-texts.ts'
import { useSending } from '../me-context.ts'
import type { OwnRecord } from '../record/record.ts'
import { adviceOf, type OwnZone, type ZoneAdvice } from './zone.ts'
import { type KnownBy, zoneNow } from './zone-now.ts'

/** The zone of now, what the plans say about each, and who knows of it. */
export function useOwnZone(record: OwnRecord, now: Date): { own: OwnZone; advice: ZoneAdvice[]; knownBy: KnownBy } {
  const language = useLanguage()
  const { entries } = useSending()
  return useMemo(
    () => ({ ...zoneNow({ record, entries, now }, language), advice: adviceOf(record, language) }),
    [record, entries, language, now],
  )
}
