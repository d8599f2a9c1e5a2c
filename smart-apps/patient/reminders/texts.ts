import { defineTexts } from '../../texts/language.ts'

export const REMINDER_TEXTS = defineTexts({
  nb: {
    title: 'Påminnelser',
    help: 'Telefonen kan si fra når du har noe å gjøre. Det står bare «Du har noe å gjøre i Fylgje», ikke noe om helsen din.',
    remind: 'Minn meg på det på denne telefonen',
    denied:
      'Telefonen lar ikke Fylgje si fra. Du kan endre det i innstillingene på telefonen. Når appen er åpen, minner vi deg på det her.',
    unsupported:
      'Denne telefonen eller nettleseren kan ikke si fra. Legg appen på telefonen og prøv igjen. Når appen er åpen, minner vi deg på det her.',
    failed: 'Det gikk ikke nå. Sjekk nettet og prøv igjen.',
    unread: 'Vi får ikke lest hva du har valgt her. Lukk appen og åpne den igjen.',
    quiet: 'Ikke forstyrr meg om natten',
    quietFrom: 'Fra klokken',
    quietUntil: 'Til klokken',
    quietHelp: 'Det som kommer i mellomtiden, får du beskjed om etterpå.',
    quietSame: 'Velg to forskjellige klokkeslett.',
    dueNow: 'Du har noe å gjøre nå',
    goThere: 'Gå dit',
  },
  nn: {
    title: 'Påminningar',
    help: 'Telefonen kan seie frå når du har noko å gjere. Det står berre «Du har noko å gjere i Fylgje», ikkje noko om helsa di.',
    remind: 'Minn meg på det på denne telefonen',
    denied:
      'Telefonen lèt ikkje Fylgje seie frå. Du kan endre det i innstillingane på telefonen. Når appen er open, minner vi deg på det her.',
    unsupported:
      'Denne telefonen eller nettlesaren kan ikkje seie frå. Legg appen på telefonen og prøv igjen. Når appen er open, minner vi deg på det her.',
    failed: 'Det gjekk ikkje no. Sjekk nettet og prøv igjen.',
    unread: 'Vi får ikkje lese kva du har valt her. Lukk appen og opne han igjen.',
    quiet: 'Ikkje uro meg om natta',
    quietFrom: 'Frå klokka',
    quietUntil: 'Til klokka',
    quietHelp: 'Det som kjem i mellomtida, får du beskjed om etterpå.',
    quietSame: 'Vel to ulike klokkeslett.',
    dueNow: 'Du har noko å gjere no',
    goThere: 'Gå dit',
  },
  en: {
    title: 'Reminders',
    help: 'The phone can tell you when you have something to do. It only says “You have something to do in Fylgje”, nothing about your health.',
    remind: 'Remind me on this phone',
    denied:
      'The phone does not let Fylgje tell you. You can change that in the settings of the phone. While the app is open, we remind you here.',
    unsupported:
      'This phone or browser cannot tell you. Put the app on the phone and try again. While the app is open, we remind you here.',
    failed: 'It did not work now. Check the network and try again.',
    unread: 'We cannot read what you have chosen here. Close the app and open it again.',
    quiet: 'Do not disturb me at night',
    quietFrom: 'From',
    quietUntil: 'Until',
    quietHelp: 'You are told afterwards of what came meanwhile.',
    quietSame: 'Choose two different times.',
    dueNow: 'You have something to do now',
    goThere: 'Go there',
  },
})
