import type { Page } from 'playwright-core'

/** How much the patient's app keeps on the phone, as its own database has it. @param name of one value; else of all */
export const keptCount = (page: Page, name?: string): Promise<number> =>
  page.evaluate(
    (name) =>
      new Promise<number>((resolve, reject) => {
        const request = indexedDB.open('fylgje-me')
        request.onerror = () => reject(request.error)
        request.onsuccess = () => {
          const count = request.result.transaction('kept').objectStore('kept').count(name)
          count.onsuccess = () => {
            request.result.close()
            resolve(count.result)
          }
        }
      }),
    name,
  )
