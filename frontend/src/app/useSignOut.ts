import { ref } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { useI18n } from 'vue-i18n'
import { useSession } from '@/features/auth'
import { useToast } from '@/ui/useToast'

/** Signing out. Nothing is told as done before the service has said so: the session may still be open until then. */
export function useSignOut() {
  const route = useRoute()
  const router = useRouter()
  const session = useSession()
  const toast = useToast()
  const { t } = useI18n()
  const leaving = ref(false)

  async function signOut(): Promise<void> {
    if (leaving.value) return
    leaving.value = true
    try {
      await session.logout()
      if (route.meta.role) await router.push({ name: 'search' })
      toast.say(t('nav.signedOut'))
    } catch {
      toast.say(t('nav.notSignedOut'), { label: t('problem.retry'), run: () => void signOut() })
    } finally {
      leaving.value = false
    }
  }
  return { signOut, leaving }
}
