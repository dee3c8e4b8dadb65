import { useI18n } from 'vue-i18n'
import type { ProblemError } from '@/api/problem'
import en from './locales/en'

type Slug = keyof typeof en.problem.known
type Field = keyof typeof en.problem.field

function isSlug(slug: string): slug is Slug {
  return Object.hasOwn(en.problem.known, slug)
}
function isField(field: string): field is Field {
  return Object.hasOwn(en.problem.field, field)
}
/** Problems that say only that some field is wrong, not why. */
const VAGUE = new Set(['invalid-request', 'bad-request', 'invalid-space'])

/**
 * What happened and what to do, in the page's language. The services' own sentences are English: they are shown on
 * English pages only, and only where we have no sentence of our own.
 */
export function useProblem() {
  const { t, locale } = useI18n()

  function sentence(problem: ProblemError): string {
    if (problem.offline) return problem.slug === 'unexpected' ? t('problem.unexpected') : t('problem.offline')
    if (isSlug(problem.slug)) return t(`problem.known.${problem.slug}`)
    if (problem.status === 401) return t('problem.unauthorized')
    if (problem.status === 403) return t('problem.forbidden')
    if (problem.status === 404) return t('problem.notFound')
    if (problem.status === 429) return t('problem.tooMany')
    if ([502, 503, 504].includes(problem.status)) return t('problem.unavailable')
    if (problem.status >= 500) return t('problem.unexpected')
    if (locale.value === 'en' && problem.detail) return problem.detail
    return t(problem.status === 409 ? 'problem.conflict' : 'problem.invalid')
  }

  /** What is wrong with one field; undefined when the problem does not name it. */
  function ofField(problem: ProblemError, field: string): string | undefined {
    const theirs = problem.forField(field)
    if (theirs === undefined) return undefined
    if (isSlug(problem.slug) && !VAGUE.has(problem.slug)) return t(`problem.known.${problem.slug}`)
    if (locale.value === 'en' && theirs) return theirs
    return t(`problem.field.${isField(field) ? field : 'other'}`, { at: '@' })
  }

  /** An ordinary refusal, of which the sentence says all: there is nothing to look for in the logs. */
  function explained(problem: ProblemError): boolean {
    return problem.status >= 400 && problem.status < 500 && isSlug(problem.slug)
  }

  return { sentence, ofField, explained }
}
