import { computed } from 'vue'
import type { Space } from '@/api'
import { openState } from '@/lib/time'
import { useNow } from '@/ui/useCountdown'
import { useFormat } from '@/ui/useFormat'

/** Say whether a space is open now and until when, or when it opens next, by the venue's clock. */
export function useOpening(space: () => Space | null) {
  const { t } = useFormat()
  const now = useNow(30_000)
  return computed(() => {
    const found = space()
    if (!found) return { open: false, sentence: '' }
    const state = openState(found.opening_hours, found.exceptions, found.time_zone, new Date(now.value))
    if (state.state === 'always') return { open: true, sentence: t('space.openAlways') }
    if (state.state === 'open') return { open: true, sentence: t('space.openTill', { time: state.till }) }
    if (state.state === 'closed') return { open: false, sentence: t('space.closed') }
    if (state.days === 0) return { open: false, sentence: t('space.opensToday', { time: state.at }) }
    const day = state.days === 1 ? t('tomorrow') : t(`weekdayOn.${state.weekday}`)
    return { open: false, sentence: t('space.opensOn', { day, time: state.at }) }
  })
}
