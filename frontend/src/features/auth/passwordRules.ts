import { useI18n } from 'vue-i18n'
import type { useRules } from '@/ui/useForm'
import { ENOUGH, type usePasswordStrength } from './usePasswordStrength'

type Verdict = ReturnType<typeof usePasswordStrength>

/** What a new password has to be, by what the service asks for; `verdict` is asked when a field is checked. */
export function usePasswordRules(rules: ReturnType<typeof useRules>, verdict: () => Verdict) {
  const { t } = useI18n()
  return {
    required: rules.required,
    minLength: rules.minLength(10),
    long: rules.maxLength(200),
    // Unknown strength (the dictionaries did not load, or the verdict is of what was typed before) does not stop
    // anyone: the service decides.
    weak: rules.rule(
      () => t('valid.weak'),
      (value) => verdict().judged.value !== value || (verdict().score.value ?? ENOUGH) >= ENOUGH,
    ),
  }
}
