import { computed, onScopeDispose, ref, toValue, watch, type MaybeRefOrGetter } from 'vue'

/** The present, ticking once a second while somebody looks. */
export function useNow(interval = 1000) {
  const now = ref(Date.now())
  const timer = setInterval(() => (now.value = Date.now()), interval)
  onScopeDispose(() => clearInterval(timer))
  return now
}

/** Whole seconds until an instant (the server's), never below zero; `onEnd` runs once when they are over. */
export function useCountdown(until: MaybeRefOrGetter<string | null>, onEnd?: () => void) {
  const now = useNow()
  const seconds = computed(() => {
    const end = toValue(until)
    return end ? Math.max(0, Math.ceil((Date.parse(end) - now.value) / 1000)) : 0
  })
  const clock = computed(() => `${Math.floor(seconds.value / 60)}:${String(seconds.value % 60).padStart(2, '0')}`)
  watch(seconds, (left, before) => {
    if (left === 0 && before > 0) onEnd?.()
  })
  return { seconds, clock }
}
