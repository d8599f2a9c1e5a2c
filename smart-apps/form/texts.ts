import { defineTexts } from '../texts/language.ts'

export const QUESTION_TEXTS = defineTexts({
  nb: {
    yes: 'Ja',
    no: 'Nei',
    required: 'Du må svare på dette.',
    notANumber: 'Skriv et tall.',
    tooLow: 'Tallet må være {low} eller mer.',
    tooHigh: 'Tallet må være {high} eller mindre.',
    optional: 'valgfritt',
    unsupported: 'Dette spørsmålet kan ikke vises her. Ta det opp med teamet som følger opp.',
    warning: 'Viktig',
  },
  nn: {
    yes: 'Ja',
    no: 'Nei',
    required: 'Du må svare på dette.',
    notANumber: 'Skriv eit tal.',
    tooLow: 'Talet må vere {low} eller meir.',
    tooHigh: 'Talet må vere {high} eller mindre.',
    optional: 'valfritt',
    unsupported: 'Dette spørsmålet kan ikkje visast her. Ta det opp med teamet som følgjer opp.',
    warning: 'Viktig',
  },
  en: {
    yes: 'Yes',
    no: 'No',
    required: 'You must answer this.',
    notANumber: 'Write a number.',
    tooLow: 'The number must be {low} or more.',
    tooHigh: 'The number must be {high} or less.',
    optional: 'optional',
    unsupported: 'This question cannot be shown here. Take it up with the team that follows up.',
    warning: 'Important',
  },
})
