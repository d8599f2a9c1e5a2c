import { BYTES_MAX, EDGE_PIXELS_MAX, fitted, type Photo } from './photo.ts'

const TYPE = 'image/jpeg'
const QUALITIES = [0.8, 0.65, 0.5] as const
const EDGE_PIXELS_MIN = 320

/**
 * A picture of any size as one that is small enough to be sent. It is drawn anew: nothing that the camera has written into it, such as where
 * it was taken, comes along.
 * @throws Error where the browser cannot read it as a picture, or cannot make it small enough
 */
export async function shrink(file: Blob): Promise<Photo> {
  const picture = await createImageBitmap(file)
  try {
    for (let edge = EDGE_PIXELS_MAX; edge >= EDGE_PIXELS_MIN; edge = Math.round(edge * 0.7)) {
      const { width, height } = fitted(picture.width, picture.height, edge)
      const canvas = Object.assign(document.createElement('canvas'), { width, height })
      const pen = canvas.getContext('2d')
      if (!pen) throw new Error('This browser draws nothing.')
      // What is transparent would be black.
      pen.fillStyle = '#fff'
      pen.fillRect(0, 0, width, height)
      pen.drawImage(picture, 0, 0, width, height)
      for (const quality of QUALITIES) {
        const small = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, TYPE, quality))
        if (small && small.size <= BYTES_MAX) return { data: await base64Of(small), width, height }
      }
    }
    throw new Error('No size of it is small enough.')
  } finally {
    picture.close()
  }
}

const base64Of = (blob: Blob): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result).split(',', 2)[1] ?? '')
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(blob)
  })
