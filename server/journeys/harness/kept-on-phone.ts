import type { Page } from 'playwright-core'

/** How much the patient's app keeps on the phone, as its own database has it. */
export const keptCount = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const request = indexedDB.open('fylgje-me')
        request.onerror = () => reject(request.error)
        request.onsuccess = () => {
          const count = request.result.transaction('kept').objectStore('kept').count()
          count.onsuccess = () => {
            request.result.close()
            resolve(count.result)
          }
        }
      }),
  )
