import { defineConfigWithVueTs, vueTsConfigs } from '@vue/eslint-config-typescript'
import prettier from 'eslint-config-prettier'
import boundaries from 'eslint-plugin-boundaries'
import pluginVue from 'eslint-plugin-vue'
import a11y from 'eslint-plugin-vuejs-accessibility'

/** What stands on a line is Prettier's; what it cannot break are texts, addresses and drawings. */
const maxLength = { code: 120, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true }

/** A part may import all of the others named. */
function allow(part: string, others: string[]) {
  return { from: { element: { type: part } }, allow: { to: { element: { type: others } } } }
}

/** Types that are talked over, and imports that the rules of rooms cannot read. */
const restricted = [
  {
    selector: "TSAsExpression > TSAsExpression[typeAnnotation.type='TSUnknownKeyword']",
    message: 'as unknown as hides what a value is: narrow it, or mend its type',
  },
  {
    selector: "TSAsExpression[typeAnnotation.type='TSNeverKeyword']",
    message: 'as never lets everything pass: mend the type',
  },
  {
    selector: "CallExpression[callee.object.type='MetaProperty'][callee.property.name=/^glob/]",
    message: 'import.meta.glob reaches into features past their index.ts: import by name',
  },
  {
    selector: "ImportExpression[source.type!='Literal']",
    message: 'import() of a name that is made up later goes past the rules of rooms: write the name',
  },
]

export default defineConfigWithVueTs(
  { name: 'files', files: ['**/*.{ts,mts,vue}'] },
  { name: 'ignores', ignores: ['dist/**', 'src/api/generated/**', 'node_modules/**'] },
  pluginVue.configs['flat/recommended'],
  a11y.configs['flat/recommended'],
  vueTsConfigs.strict,
  prettier,
  {
    name: 'mesto',
    rules: {
      'vue/multi-word-component-names': 'off',
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/no-v-html': 'error',
      'vue/attributes-order': 'off',
      'vuejs-accessibility/label-has-for': 'off',
      'vuejs-accessibility/form-control-has-label': 'off',
      'no-console': 'error',
      'max-lines': ['error', 400],
      'no-restricted-syntax': ['error', ...restricted],
      'vue/no-restricted-syntax': ['error', ...restricted],
      'max-len': ['error', maxLength],
    },
  },
  {
    name: 'lines of components',
    files: ['**/*.vue'],
    rules: {
      'max-len': 'off',
      'vue/max-len': ['error', { ...maxLength, ignoreHTMLAttributeValues: true, ignoreHTMLTextContents: true }],
    },
  },
  {
    name: 'rooms',
    files: ['src/**/*.{ts,vue}'],
    plugins: { boundaries },
    settings: {
      'import/resolver': { typescript: { project: './tsconfig.app.json' } },
      'boundaries/elements': [
        { type: 'app', pattern: 'src/app' },
        { type: 'feature', pattern: 'src/features/*', capture: ['name'] },
        { type: 'ui', pattern: 'src/ui' },
        { type: 'api', pattern: 'src/api' },
        { type: 'lib', pattern: 'src/lib' },
        { type: 'testing', pattern: 'src/testing' },
      ],
      // Tests may look at anything.
      'boundaries/ignore': ['**/*.spec.ts', 'src/env.d.ts'],
    },
    rules: {
      'boundaries/no-unknown-files': 'error',
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          message:
            '{{from.element.type}} may not import {{to.element.type}} like that: a feature is imported by its index.ts only',
          policies: [
            allow('lib', ['lib', 'api']),
            allow('api', ['api', 'lib']),
            allow('ui', ['ui', 'api', 'lib']),
            allow('feature', ['ui', 'api', 'lib']),
            allow('app', ['app', 'ui', 'api', 'lib']),
            allow('testing', ['app', 'ui', 'api', 'lib', 'testing', 'feature']),
            {
              from: { element: { type: ['app', 'feature'] } },
              allow: { to: { element: { type: 'feature', fileInternalPath: 'index.ts' } } },
            },
            {
              from: { element: { type: 'feature' } },
              allow: { to: { element: { type: 'feature', captured: { name: '{{from.element.captured.name}}' } } } },
            },
          ],
        },
      ],
    },
  },
  { name: 'testing', files: ['**/*.spec.ts', 'src/testing/**'], rules: { 'no-restricted-syntax': 'off' } },
  { name: 'specs', files: ['**/*.spec.ts'], rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
)
