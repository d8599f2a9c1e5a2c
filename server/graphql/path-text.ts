/** A place in an answer, as graphql hands it to a resolver: innermost first. */
export type Place = { prev: Place | undefined; key: string | number }

/** `PatientList.0.name` */
export function pathText(place: Place | undefined): string {
  if (place === undefined) return ''
  const before = pathText(place.prev)
  return before === '' ? String(place.key) : `${before}.${place.key}`
}
