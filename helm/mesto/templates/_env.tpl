{{/* One variable out of a Secret: (dict "name" … "secret" … "key" …) */}}
{{- define "mesto.envSecret" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef: { name: {{ .secret }}, key: {{ .key }} }
{{- end }}

{{/* TLS to PostgreSQL: asyncpg reads these as libpq does. */}}
{{- define "mesto.databaseTls" -}}
- name: PGSSLMODE
  value: {{ .Values.database.sslMode }}
{{- if .Values.database.caSecret }}
- name: PGSSLROOTCERT
  value: /etc/mesto/database-ca/ca.crt
{{- end }}
{{- end }}

{{/* What every Python process is told: (dict "root" $) */}}
{{- define "mesto.commonEnv" -}}
{{- $root := .root }}
- name: MESTO_BIND
  value: {{ $root.Values.bind | quote }}
- name: MESTO_PUBLIC_URL
  value: {{ include "mesto.publicUrl" $root | quote }}
- name: MESTO_INTERNAL_KEY_DIR
  value: /etc/mesto/keys
- name: MESTO_INTERNAL_PUBLIC_DIR
  value: /etc/mesto/keys
- name: MESTO_PLATFORM_CONFIG
  value: /etc/mesto/config/platformconfig.yaml
- name: MESTO_LOG_FORMAT
  value: json
- name: MESTO_LOG_LEVEL
  value: {{ $root.Values.log.level }}
- name: MESTO_ENVIRONMENT
  value: {{ $root.Values.environment | quote }}
- name: MESTO_RELEASE
  value: {{ $root.Values.image.tag | default $root.Chart.AppVersion | quote }}
{{- range $name := keys $root.Values.services | sortAlpha }}
- name: MESTO_{{ upper $name }}_INTERNAL_URL
  value: {{ ternary "https" "http" $root.Values.internalTls.enabled }}://{{ include "mesto.fullname" $root }}-{{ $name }}:{{ include "mesto.internalPort" $root }}
{{- end }}
{{- if $root.Values.internalTls.enabled }}
- name: MESTO_INTERNAL_TLS_CA
  value: /etc/mesto/internal-tls/ca.crt
{{- end }}
{{- with $root.Values.sentry.existingSecret }}
{{ include "mesto.envSecret" (dict "name" "MESTO_SENTRY_DSN" "secret" . "key" "dsn") }}
{{- end }}
{{- end }}

{{/* Who may give scrapyd work. */}}
{{- define "mesto.scrapydEnv" -}}
- name: MESTO_SCRAPYD_USERNAME
  value: mesto
{{ include "mesto.envSecret" (dict "name" "MESTO_SCRAPYD_PASSWORD" "secret" (include "mesto.scrapydSecret" .root) "key" "password") }}
{{- end }}

{{/* The working role's URL of one service, and how the connection is secured. */}}
{{- define "mesto.databaseEnv" -}}
{{ include "mesto.envSecret" (dict "name" (printf "MESTO_%s_DATABASE_URL" (upper .service)) "secret" (include "mesto.databaseSecret" .root) "key" (printf "%s-url" .service)) }}
{{ include "mesto.databaseTls" .root }}
{{- end }}

{{/* What a process of one service is told on top; `process` is api, worker or beat. Beat only sends, so it gets no database. */}}
{{- define "mesto.serviceEnv" -}}
{{ include "mesto.commonEnv" . }}
{{ include "mesto.envSecret" (dict "name" "MESTO_BROKER_URL" "secret" (include "mesto.brokerSecret" .root) "key" (include "mesto.brokerKey" .)) }}
{{- if .root.Values.broker.caSecret }}
- name: SSL_CERT_FILE
  value: /etc/mesto/broker-ca/ca.crt
{{- end }}
{{- if ne .process "beat" }}
{{ include "mesto.databaseEnv" . }}
{{- end }}
{{- if eq .process "api" }}
- name: MESTO_{{ upper .service }}_PUBLIC_PORT
  value: {{ include "mesto.publicPort" .root | quote }}
- name: MESTO_{{ upper .service }}_INTERNAL_PORT
  value: {{ include "mesto.internalPort" .root | quote }}
- name: MESTO_TRUSTED_PROXIES
  value: {{ join "," .root.Values.trustedProxies.services | quote }}
{{- if .root.Values.internalTls.enabled }}
- name: MESTO_INTERNAL_TLS_CERT
  value: /etc/mesto/internal-tls/tls.crt
- name: MESTO_INTERNAL_TLS_KEY
  value: /etc/mesto/internal-tls/tls.key
- name: MESTO_PROBE_PORT
  value: {{ include "mesto.probePort" .root | quote }}
{{- end }}
{{- else }}
- name: MESTO_PROBE_PORT
  value: {{ include "mesto.internalPort" .root | quote }}
{{- end }}
{{- if and (eq .process "api") (eq .service "auth") }}
- name: MESTO_AUTH_KEY_DIR
  value: /etc/mesto/auth-keys
- name: MESTO_SECURE_COOKIES
  value: {{ hasPrefix "https://" (include "mesto.publicUrl" .root) | quote }}
{{- end }}
{{- if and .s.poolSize (ne .process "beat") }}
- name: MESTO_{{ upper .service }}_POOL_SIZE
  value: {{ .s.poolSize | quote }}
{{- end }}
{{- if eq .service "notifications" }}
- name: MESTO_NOTIFICATIONS_SMTP_HOST
  value: {{ .root.Values.mail.smtp.host | quote }}
- name: MESTO_NOTIFICATIONS_SMTP_PORT
  value: {{ .root.Values.mail.smtp.port | quote }}
{{- if eq .process "worker" }}
{{- with .root.Values.mail.smtp }}
- name: MESTO_NOTIFICATIONS_SMTP_TLS
  value: {{ .tls }}
{{- if .caSecret }}
- name: MESTO_NOTIFICATIONS_SMTP_CA
  value: /etc/mesto/mail-ca/ca.crt
{{- end }}
{{- if .existingSecret }}
{{- if eq .tls "none" }}{{ fail "mail.smtp.existingSecret is a password: set mail.smtp.tls to starttls or implicit" }}{{ end }}
{{ include "mesto.envSecret" (dict "name" "MESTO_NOTIFICATIONS_SMTP_USERNAME" "secret" .existingSecret "key" .usernameKey) }}
{{ include "mesto.envSecret" (dict "name" "MESTO_NOTIFICATIONS_SMTP_PASSWORD" "secret" .existingSecret "key" .passwordKey) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Which key of the broker's Secret has the URL of a service: one's own, or one for all. */}}
{{- define "mesto.brokerKey" -}}
{{- if or (not .root.Values.broker.existingSecret) .root.Values.broker.perService }}url-{{ .service }}{{ else }}url{{ end }}
{{- end }}

{{/* A process's own private key and everyone's public ones: (dict "root" $ "caller" "catalog"); no caller, no private key. */}}
{{- define "mesto.keysVolume" -}}
- name: keys
  secret:
    secretName: {{ include "mesto.internalSecret" .root }}
    defaultMode: 0440
    items:
      {{- with .caller }}
      - { key: {{ . }}.key.pem, path: {{ . }}.key.pem }
      {{- end }}
      {{- range include "mesto.callers" .root | splitList " " }}
      - { key: {{ . }}.pub.pem, path: {{ . }}.pub.pem }
      {{- end }}
{{- end }}
{{- define "mesto.callers" }}operator cli spiders auth booking catalog geo notifications{{ end }}

{{/* Volumes of a Python process beyond the keys, and where they go; `uses` lists config, database, broker, mail, and serve
of a process that has an internal port of its own. Who has the config calls others. */}}
{{- define "mesto.volumes" -}}
- name: tmp
  emptyDir: { sizeLimit: 256Mi }
{{- if has "config" .uses }}
- name: config
  configMap: { name: {{ include "mesto.fullname" .root }}-platform }
{{- end }}
{{- if and (has "config" .uses) .root.Values.internalTls.enabled }}
- name: internal-tls
  secret:
    secretName: {{ include "mesto.internalTlsSecret" .root }}
    defaultMode: 0440
    items:
      - { key: ca.crt, path: ca.crt }
      {{- if has "serve" .uses }}
      - { key: tls.crt, path: tls.crt }
      - { key: tls.key, path: tls.key }
      {{- end }}
{{- end }}
{{- if and (has "database" .uses) .root.Values.database.caSecret }}
- name: database-ca
  secret: { secretName: {{ .root.Values.database.caSecret }}, defaultMode: 0440, items: [{ key: ca.crt, path: ca.crt }] }
{{- end }}
{{- if and (has "broker" .uses) .root.Values.broker.caSecret }}
- name: broker-ca
  secret: { secretName: {{ .root.Values.broker.caSecret }}, defaultMode: 0440, items: [{ key: ca.crt, path: ca.crt }] }
{{- end }}
{{- if and (has "mail" .uses) .root.Values.mail.smtp.caSecret }}
- name: mail-ca
  secret: { secretName: {{ .root.Values.mail.smtp.caSecret }}, defaultMode: 0440, items: [{ key: ca.crt, path: ca.crt }] }
{{- end }}
{{- end }}
{{- define "mesto.mounts" -}}
- { name: tmp, mountPath: /tmp }
{{- if has "config" .uses }}
- { name: config, mountPath: /etc/mesto/config, readOnly: true }
{{- end }}
{{- if and (has "config" .uses) .root.Values.internalTls.enabled }}
- { name: internal-tls, mountPath: /etc/mesto/internal-tls, readOnly: true }
{{- end }}
{{- if and (has "database" .uses) .root.Values.database.caSecret }}
- { name: database-ca, mountPath: /etc/mesto/database-ca, readOnly: true }
{{- end }}
{{- if and (has "broker" .uses) .root.Values.broker.caSecret }}
- { name: broker-ca, mountPath: /etc/mesto/broker-ca, readOnly: true }
{{- end }}
{{- if and (has "mail" .uses) .root.Values.mail.smtp.caSecret }}
- { name: mail-ca, mountPath: /etc/mesto/mail-ca, readOnly: true }
{{- end }}
{{- end }}

{{/* Waits, as the service's own role, until the migrations of this image are in the database. */}}
{{- define "mesto.schemaWait" -}}
- name: wait-for-schema
  image: {{ include "mesto.image" (dict "root" .root "image" "service") }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  args: [python, -m, mesto.common.database.migrate, --wait, {{ .service }}]
  securityContext:
    {{- include "mesto.containerSecurity" .root | nindent 4 }}
  resources:
    {{- toYaml .root.Values.migrations.waitResources | nindent 4 }}
  env:
    {{- include "mesto.databaseEnv" . | nindent 4 }}
  volumeMounts:
    {{- include "mesto.mounts" (dict "root" .root "uses" (list "database")) | nindent 4 }}
{{- end }}
