import { defineTexts } from '../../texts/language.ts'

export const PHOTO_TEXTS = defineTexts({
  nb: {
    add: 'Legg ved et bilde (valgfritt)',
    help: 'Bildet gjøres lite på telefonen. Det går til teamet som en melding.',
    alt: 'Bildet du har lagt ved',
    remove: 'Ta bort bildet',
    cannotRead: 'Vi kan ikke bruke denne filen som bilde. Prøv et annet.',
    added: 'Bildet er lagt ved.',
    pictureOf: 'Bilde til: {what}',
    withPicture: 'Med bilde',
  },
  nn: {
    add: 'Legg ved eit bilete (valfritt)',
    help: 'Biletet blir gjort lite på telefonen. Det går til teamet som ei melding.',
    alt: 'Biletet du har lagt ved',
    remove: 'Ta bort biletet',
    cannotRead: 'Vi kan ikkje bruke denne fila som bilete. Prøv eit anna.',
    added: 'Biletet er lagt ved.',
    pictureOf: 'Bilete til: {what}',
    withPicture: 'Med bilete',
  },
  en: {
    add: 'Add a picture (optional)',
    help: 'The picture is made small on the phone. It goes to the team as a message.',
    alt: 'The picture that you have added',
    remove: 'Remove the picture',
    cannotRead: 'We cannot use this file as a picture. Try another.',
    added: 'The picture is added.',
    pictureOf: 'Picture for: {what}',
    withPicture: 'With a picture',
  },
})
