import { computed } from 'vue'
import { mdiAccountOutline, mdiShieldKeyOutline } from '@mdi/js'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'

/** The pages about the account itself, as the menu and the rail name them: one comes here when its page works. */
const PAGES = [
  { name: 'profile', icon: mdiAccountOutline },
  { name: 'security', icon: mdiShieldKeyOutline },
] as const

export function useAccountEntries() {
  const { t } = useI18n()
  const router = useRouter()
  return computed(() =>
    PAGES.filter(({ name }) => router.hasRoute(name)).map((page) => ({ ...page, title: t(`nav.${page.name}`) })),
  )
}
