import vue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'

const onlyRuntime = {
  name: 'onnxruntime-node',
  message: 'Use the Session interface of core/runtime; only core/runtime imports onnxruntime-node.',
}

const onlyAnswers = {
  name: 'electron',
  importNames: ['ipcMain'],
  message: 'Only electron/main/answer-requests.ts listens to the page, so that every input is parsed.',
}

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'bench/results', 'demo-output'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: [
          'core/schema/tsconfig.json',
          'core/tsconfig.json',
          'electron/ipc/tsconfig.json',
          'electron/engine/tsconfig.json',
          'electron/tsconfig.json',
          'bench/tsconfig.json',
          'test/tsconfig.json',
          'renderer/tsconfig.json',
          'test/tsconfig.renderer.json',
        ],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // There are no enums here, and looking for them takes minutes: it writes every union of a contract out.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      'no-restricted-imports': ['error', { paths: [onlyRuntime, onlyAnswers] }],
    },
  },
  { files: ['electron/main/answer-requests.ts'], rules: { 'no-restricted-imports': 'off' } },
  { files: ['core/runtime/**'], rules: { 'no-restricted-imports': 'off' } },
  { files: ['core/**', 'electron/**'], ignores: ['core/cli/**'], rules: { 'no-console': 'error' } },
  {
    // Types of templates are vue-tsc's; logic that deserves more lives in .ts files beside them.
    files: ['renderer/**/*.vue'],
    extends: [...tseslint.configs.strict, ...vue.configs['flat/essential']],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/define-props-declaration': ['error', 'type-based'],
      'vue/define-emits-declaration': ['error', 'type-literal'],
      'vue/no-v-html': 'error',
      'vue/no-static-inline-styles': 'error',
      'vue/no-unused-refs': 'error',
      'vue/no-unused-emit-declarations': 'error',
      'vue/no-useless-v-bind': 'error',
      'vue/prefer-true-attribute-shorthand': 'error',
    },
  },
)
