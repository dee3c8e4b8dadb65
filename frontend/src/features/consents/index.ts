export { useConsents } from './consents.queries'
