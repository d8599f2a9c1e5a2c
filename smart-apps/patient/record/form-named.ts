import type { Questionnaire } from '@medplum/fhirtypes'

/** Of the forms that are here, the version that is named; else the one that is active, or any. @param canonical `url|version`, or `url` */
export function formNamed(forms: readonly Questionnaire[], canonical: string): Questionnaire | undefined {
  const [url, version] = canonical.split('|')
  const ofUrl = forms.filter((one) => one.url === url)
  return ofUrl.find((one) => one.version === version) ?? ofUrl.find(({ status }) => status === 'active') ?? ofUrl[0]
}
