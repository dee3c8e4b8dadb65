import { ref, shallowRef } from 'vue'

/** What can be done about what was said: its word, and what it does. */
export interface ToastAction {
  label: string
  run: () => void
}

const STAYS_MS = 5000
/** One short sentence at the foot of the page; a newer one replaces it. */
const message = ref('')
const shown = ref(false)
const action = shallowRef<ToastAction | null>(null)
const timeout = ref(STAYS_MS)

export function useToast() {
  /** With something to be done about it the sentence stays until that is done, or the reader closes it. */
  function say(text: string, todo?: ToastAction): void {
    message.value = text
    action.value = todo ?? null
    timeout.value = todo ? -1 : STAYS_MS
    shown.value = true
  }
  function act(): void {
    shown.value = false
    action.value?.run()
  }
  return { message, shown, action, timeout, say, act }
}
