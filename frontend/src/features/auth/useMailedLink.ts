import { computed, ref, shallowRef, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { toProblem, type ProblemError } from '@/api/problem'
import { useLinkToken } from './useLinkToken'

const REFUSED = {
  'link-used': 'used',
  'link-expired': 'expired',
  'link-unknown': 'unknown',
  'email-taken': 'taken',
} as const
type Refused = (typeof REFUSED)[keyof typeof REFUSED]
export type LinkState = 'ready' | 'working' | 'failed' | 'done' | Refused

/** What this entry of the history has come to know of its link, which has left the address: a reload says it again. */
const KNOWN = 'link'

function refusalOf(problem: ProblemError): Refused | undefined {
  return REFUSED[problem.slug as keyof typeof REFUSED]
}
function remembered(): 'done' | Refused | undefined {
  const known: unknown = (history.state as Record<string, unknown> | null)?.[KNOWN]
  return [...Object.values(REFUSED), 'done' as const].find((state) => state === known)
}

/** A link that was mailed and leads to this page; `use` does by its token what it is for. */
export function useMailedLink(use: (token: string) => Promise<void>) {
  const route = useRoute()
  const router = useRouter()
  const token = useLinkToken()
  const problem = shallowRef<ProblemError | null>(null)
  const outcome = ref<LinkState>('ready')
  const state = computed<LinkState>(() => (token.value || outcome.value !== 'ready' ? outcome.value : 'unknown'))
  if (!token.value) outcome.value = remembered() ?? 'unknown'
  // Another letter's link, opened in the same tab.
  watch(token, (next) => next && (outcome.value = 'ready'))

  async function open(): Promise<void> {
    outcome.value = 'working'
    problem.value = null
    try {
      await use(token.value)
      outcome.value = 'done'
    } catch (error) {
      const found = toProblem(error)
      outcome.value = refusalOf(found) ?? 'failed'
      if (outcome.value === 'failed') return void (problem.value = found)
    }
    token.value = ''
    await router.replace({ query: { lang: route.query.lang }, state: { [KNOWN]: outcome.value }, force: true })
  }
  return { state, problem, open }
}
