import { ref, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { booking as api, type Space } from '@/api'
import { sameSession } from '@/api/http'
import { toProblem, type ProblemError } from '@/api/problem'
import { useSession } from '@/features/auth'
import { useBookings } from '@/features/booking'
import { useFormat } from '@/ui/useFormat'
import { useTimes } from '@/ui/useTimes'
import { recallHold, rememberHold } from './pendingHold'
import { alternative, type Range } from './slots'
import type { BookingChoice } from './useBookingChoice'
import { useIdempotencyKey } from './useIdempotencyKey'

/**
 * Holding what was chosen. Whoever is not signed in comes back from there to the same choice, and it is held at once;
 * where the service wants a verified address first, `unverified` is set until the address is one.
 */
export function useHold(space: Space, choice: BookingChoice) {
  const { form, range, free, slots, zone, submit } = choice
  const route = useRoute()
  const router = useRouter()
  const session = useSession()
  const bookings = useBookings()
  const { t } = useFormat()
  const { clock } = useTimes()
  const failure = ref<ProblemError | null>(null)
  const failureSentence = ref<string>()
  const unverified = ref(false)
  const intent = useIdempotencyKey(() => JSON.stringify([form, range.value]))
  const wish = () => JSON.stringify([space.slug, form.resource, form.seats, range.value?.start, range.value?.end])

  watch(wish, () => (unverified.value = false))
  watch(
    () => [form.resource, form.date, form.seats],
    () => (failure.value = null),
  )

  async function book(): Promise<void> {
    if (!range.value) return
    await session.ready()
    // Whether there is a session cannot be asked now: signing in would not work either.
    if (session.away) return void (failure.value = session.away)
    if (!session.signedIn) {
      rememberHold(wish())
      return void router.push({ name: 'login', query: { next: route.fullPath } })
    }
    const chosen = range.value
    const same = sameSession()
    failure.value = null
    await submit(async () => {
      try {
        const made = await api.hold(
          { resource_id: form.resource, start: chosen.start, end: chosen.end, seats: form.seats },
          intent.key(),
        )
        if (!same()) return
        unverified.value = false
        bookings.upsert(made)
        await router.push({ name: 'booking', params: { id: made.id } })
      } catch (error) {
        await explain(toProblem(error), chosen)
      }
    })
  }

  /** Say what was lost and what is still to be had, by the newest slots. */
  async function explain(problem: ProblemError, lost: Range): Promise<void> {
    intent.settle(problem)
    failureSentence.value = undefined
    unverified.value = problem.slug === 'email-unverified'
    if (unverified.value) return
    if (problem.slug === 'no-capacity') {
      range.value = null
      await free.load()
      const time = clock(lost.start, zone)
      const other = alternative(slots.value, lost)
      failureSentence.value = other
        ? t('panel.takenAlternative', { time, other: clock(other.start, zone) })
        : t('panel.takenNone', { time })
    }
    failure.value = problem
  }

  /** Whether the address is verified by now; then what was chosen is held. */
  async function goOnWhenVerified(): Promise<boolean> {
    await session.renewUnverified()
    if (session.user?.email_verified !== true) return false
    await book()
    return true
  }

  // The choice stands only once its slots are known to be free still.
  const recalled = ref(recallHold(wish()))
  watch(
    () => recalled.value && session.signedIn && free.loaded.value && !free.loading.value,
    (now) => {
      if (!now) return
      recalled.value = false
      if (range.value) void book()
    },
    { immediate: true, flush: 'post' },
  )

  return { failure, failureSentence, unverified, book, goOnWhenVerified }
}
