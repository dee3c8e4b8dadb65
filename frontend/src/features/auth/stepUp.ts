import { ref, shallowRef } from 'vue'

/** Whoever waits for a fresh proof of who is signed in; one dialog serves all calls that want one. */
const asking = shallowRef<{ promise: Promise<boolean>; answer: (proven: boolean) => void } | null>(null)

/** Whether a proof was ever wanted: the dialog is fetched only then. */
const wanted = ref(false)

export function useStepUp() {
  function settle(proven: boolean): void {
    asking.value?.answer(proven)
    asking.value = null
  }
  return { asking, wanted, settle }
}

/** Ask the reader to prove who they are; resolves to whether they did. */
export function askToStepUp(): Promise<boolean> {
  wanted.value = true
  if (!asking.value) {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    asking.value = { promise, answer: resolve }
  }
  return asking.value.promise
}

export const stepUpDialog = () => import('./components/StepUpDialog.vue')
