import { ref } from 'vue'

/** One short sentence at the foot of the page; a newer one replaces it. */
const message = ref('')
const shown = ref(false)

export function useToast() {
  function say(text: string): void {
    message.value = text
    shown.value = true
  }
  return { message, shown, say }
}
