import { computed } from 'vue'
import { useQuery } from '@pinia/colada'
import type { Slot } from '@/api'
import { lastAnswer, problemOf } from '@/lib/queries'
import { availabilityQuery, type AvailabilityRequest } from './space.queries'

/** The slots of one local date; asked anew when the request changes. Until then the last ones are shown. */
export function useAvailability(request: () => AvailabilityRequest | null) {
  const query = useQuery(() => availabilityQuery(request()))
  const problem = problemOf(query)
  const asked = computed(() => request() !== null)
  const answer = lastAnswer(query)
  const slots = computed<Slot[]>(() => (asked.value && !problem.value ? (answer.value ?? []) : []))
  const loaded = computed<boolean>((before) => asked.value && (!!before || query.data.value !== undefined))
  /** What is shown is not, or not yet, of this request. */
  const loading = computed(() => query.isLoading.value && query.data.value === undefined)
  return { slots, loading, loaded, problem, load: () => query.refetch() }
}
