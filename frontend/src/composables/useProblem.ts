import { useI18n } from 'vue-i18n'
import type { ProblemError } from '@/api/problem'
import type { Messages } from '@/locales'

/** Refusals the services name; their own sentences are English only. */
const KNOWN = {
  'no-capacity': 'noCapacity',
  'too-many-seats': 'tooManySeats',
  'not-bookable': 'notBookable',
  'space-changing': 'spaceChanging',
  'no-price': 'notBookable',
  'in-the-past': 'inThePast',
  'too-soon': 'tooSoon',
  'too-far': 'tooFar',
  'too-short': 'tooShort',
  'too-long': 'tooLong',
  'outside-opening-hours': 'outsideHours',
  'not-on-grid': 'outsideHours',
  'hold-expired': 'holdExpired',
  'hold-budget': 'holdBudget',
  'wrong-status': 'wrongStatus',
  'payment-settled': 'wrongStatus',
  'already-started': 'alreadyStarted',
  'idempotency-in-flight': 'inFlight',
  'email-unverified': 'emailUnverified',
  'weak-password': 'weakPassword',
  'unfit-name': 'unfitName',
  'too-many-registrations': 'tooManyRegistrations',
} as const satisfies Record<string, keyof Messages['problem']['known']>
type Slug = keyof typeof KNOWN

/** Whether a refusal has a sentence of ours, in the page's language. */
export function isKnown(problem: ProblemError): boolean {
  return problem.slug in KNOWN
}

/** A sentence that says what happened and what to do. The service's own sentence is used where it says more. */
export function useProblem() {
  const { t } = useI18n()
  return function sentence(problem: ProblemError): string {
    if (problem.offline) return problem.slug === 'unexpected' ? t('problem.unexpected') : t('problem.offline')
    const known = KNOWN[problem.slug as Slug] as (typeof KNOWN)[Slug] | undefined
    if (known) return t(`problem.known.${known}`)
    if (problem.status === 401) return t('problem.unauthorized')
    if (problem.status === 403) return t('problem.forbidden')
    if (problem.status === 404) return t('problem.notFound')
    if (problem.status === 429) return t('problem.tooMany')
    if ([502, 503, 504].includes(problem.status)) return t('problem.unavailable')
    if (problem.status >= 500) return t('problem.unexpected')
    const first = problem.errors[0]?.message
    return first ?? (problem.detail || t(problem.status === 409 ? 'problem.conflict' : 'problem.invalid'))
  }
}
