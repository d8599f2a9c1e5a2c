import type { Told } from '../words/told.ts'

/** Why the answers about a referral speak for what they do. */
export const ELIGIBLE: Told = {
  nb: 'Svarene er innenfor det planen er for.',
  nn: 'Svara er innanfor det planen er for.',
  en: 'The answers are within what the plan is for.',
}
export const NOT_ELIGIBLE: Told = {
  nb: 'Svarene er utenfor det planen er for.',
  nn: 'Svara er utanfor det planen er for.',
  en: 'The answers are outside of what the plan is for.',
}
export const NO_CONDITION: Told = {
  nb: 'Planen sier ikke hva svarene betyr.',
  nn: 'Planen seier ikkje kva svara tyder.',
  en: 'The plan does not say what the answers mean.',
}
export const UNANSWERED: Told = {
  nb: 'Avsluttet uten svar på',
  nn: 'Avslutta utan svar på',
  en: 'Closed without an answer to',
}
export const UNEVALUABLE: Told = {
  nb: 'Vilkåret kunne ikke vurderes',
  nn: 'Vilkåret kunne ikkje vurderast',
  en: 'The condition could not be evaluated',
}
