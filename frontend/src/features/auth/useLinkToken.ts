import { ref, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/** The token that a mailed link carries: it is taken out of the address, and of the history, as soon as it is read. */
export function useLinkToken() {
  const route = useRoute()
  const router = useRouter()
  const token = ref('')
  watch(
    () => route.query.token,
    (carried) => {
      if (typeof carried !== 'string' || !carried) return
      token.value = carried
      void router.replace({ query: { ...route.query, token: undefined } })
    },
    { immediate: true },
  )
  return token
}
