import { useMemo } from 'react'
import type { Limits, Measure, Point, Source } from '../../measures/measures.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { dayAndMonth, moment, number } from '../../ui/format.ts'
import { PATIENT_TEXTS } from './texts.ts'
import { trendOf } from './trend-words.ts'

export type MeasureWords = {
  /** "87–95 %, 2 røde, fallende siste uke. Siste: 87 %, i dag 07:40." */
  summary: (measure: Measure) => string
  /** "142/88" */
  value: (point: Pick<Point, 'value' | 'lower'>, measure: Measure) => string
  /** "rød < 88, gul < 90 %" */
  limits: (limits: Limits, measure: Measure) => string
  source: (source: Source) => string
  day: (at: Date) => string
}

/** What is measured, in words and the way numbers are written here. */
export function useMeasureWords(): MeasureWords {
  const text = useTexts(PATIENT_TEXTS)
  const language = useLanguage()
  return useMemo(() => {
    const plain = (value: number, measure: Measure) => number(value, language, measure.known?.decimalCount ?? 1)
    const value: MeasureWords['value'] = (point, measure) =>
      point.lower === undefined
        ? plain(point.value, measure)
        : `${plain(point.value, measure)}/${plain(point.lower, measure)}`
    const sources = { device: 'device', patient: 'byPatient', staff: 'staff', unknown: 'unknownSource' } as const
    return {
      value,
      day: (at) => dayAndMonth(at, language),
      source: (source) => text(sources[source]),
      limits: ({ red, yellow }, measure) =>
        (
          [
            ['red', '<', red?.low],
            ['yellow', '<', yellow?.low],
            ['yellow', '>', yellow?.high],
            ['red', '>', red?.high],
          ] as const
        )
          .flatMap(([zone, sign, limit]) =>
            limit === undefined ? [] : [`${text(zone).toLowerCase()} ${sign} ${plain(limit, measure)}`],
          )
          .join(', '),
      summary: (measure) => {
        const trend = trendOf(measure, new Date())
        if (!trend) return text('noneOfMeasure')
        const { lowest, highest, count, redCount: red, yellowCount: yellow, hasLimits, direction, newest } = trend
        const zones = [
          ...(red > 0 ? [red === 1 ? text('oneRed') : text('manyRed', { count: red })] : []),
          ...(yellow > 0 ? [yellow === 1 ? text('oneYellow') : text('manyYellow', { count: yellow })] : []),
        ]
        const outside =
          zones.length > 0
            ? text('outsideOf', { zones: zones.join(text('and')), count })
            : text(hasLimits ? 'outsideNone' : 'withoutLimits')
        const said = {
          lowest: plain(lowest, measure),
          unit: measure.unit,
          outside,
          direction: direction === 'unknown' ? '' : text(direction),
          newest: `${value(newest, measure)} ${measure.unit}, ${moment(newest.at, language)}`,
        }
        return lowest === highest
          ? text('summarySame', said)
          : text('summary', { ...said, highest: plain(highest, measure) })
      },
    }
  }, [text, language])
}
