/**
 * A hold that its reader has asked for and could not get yet, for nobody was signed in. It is kept in this tab only,
 * not in the address: a link that somebody else has made must not book anything.
 */
const STORED = 'mesto.take'
const GOOD_FOR_MS = 60 * 60_000

interface Pending {
  wish: string
  until: number
}

export function rememberHold(wish: string): void {
  try {
    sessionStorage.setItem(STORED, JSON.stringify({ wish, until: Date.now() + GOOD_FOR_MS } satisfies Pending))
  } catch {
    // Without storage the reader presses the button once more.
  }
}

/** Whether just this was asked for before signing in. It is asked once: whatever was remembered is forgotten by it. */
export function recallHold(wish: string): boolean {
  try {
    const text = sessionStorage.getItem(STORED)
    sessionStorage.removeItem(STORED)
    const pending = JSON.parse(text ?? 'null') as Partial<Pending> | null
    return pending?.wish === wish && (pending.until ?? 0) > Date.now()
  } catch {
    return false
  }
}
