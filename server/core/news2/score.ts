import { type Measures, PARTS, type Part, type Points, pointsOfPart, type Spo2Scale } from './table.ts'

/**
 * What the score asks for: `low` 0–4; `low-medium` a single part with 3: an urgent look by a clinician; `medium` 5–6: an urgent
 * answer; `high` 7 and more: an emergency.
 */
export type Risk = 'low' | 'low-medium' | 'medium' | 'high'

export type Score = {
  points: Partial<Record<Part, Points>>
  /** Parts that nobody knows. With one of them missing there is no total, and no risk. */
  missing: Part[]
  total?: number
  risk?: Risk
}

/** For adults who are not pregnant, and with a health professional present; the caller has to know that. */
export function scoreNews2(measures: Measures, scale: Spo2Scale): Score {
  const points: Score['points'] = {}
  for (const part of PARTS) {
    const found = pointsOfPart(part, measures, scale)
    if (found !== undefined) points[part] = found
  }
  const missing = PARTS.filter((part) => points[part] === undefined)
  if (missing.length > 0) return { points, missing }
  const all = Object.values(points)
  const total = all.reduce((sum: number, one) => sum + one, 0)
  return { points, missing, total, risk: riskOf(total, all.includes(3)) }
}

function riskOf(total: number, hasThree: boolean): Risk {
  if (total >= 7) return 'high'
  if (total >= 5) return 'medium'
  return hasThree ? 'low-medium' : 'low'
}
