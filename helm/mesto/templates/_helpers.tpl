{{- define "mesto.fullname" -}}
{{- if contains "mesto" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-mesto" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "mesto.selector" -}}
app.kubernetes.io/name: mesto
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "mesto.labels" -}}
app.kubernetes.io/name: mesto
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: mesto
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* name, labels with the component; (dict "root" $ "component" "catalog") */}}
{{- define "mesto.metadata" -}}
name: {{ include "mesto.fullname" .root }}-{{ .name | default .component }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "mesto.labels" .root | nindent 2 }}
  app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* An image of ours: (dict "root" $ "image" "service") */}}
{{- define "mesto.image" -}}
{{- $digest := get .root.Values.image.digests .image | default "" -}}
{{ .root.Values.image.prefix }}/{{ .image }}{{ if $digest }}@{{ $digest }}{{ else }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "mesto.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "mesto.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Settings of one component over `defaults`, as YAML: (dict "root" $ "own" .Values.services.auth) */}}
{{- define "mesto.settings" -}}
{{- mustMergeOverwrite (deepCopy .root.Values.defaults) (deepCopy (.own | default dict)) | toYaml }}
{{- end }}

{{- define "mesto.secretName" -}}
{{- $own := index .root.Values .part -}}
{{- $own.existingSecret | default (printf "%s-%s" (include "mesto.fullname" .root) .suffix) }}
{{- end }}
{{- define "mesto.databaseSecret" }}{{ include "mesto.secretName" (dict "root" . "part" "database" "suffix" "database") }}{{ end }}
{{- define "mesto.brokerSecret" }}{{ include "mesto.secretName" (dict "root" . "part" "broker" "suffix" "broker") }}{{ end }}
{{- define "mesto.internalSecret" }}{{ include "mesto.secretName" (dict "root" . "part" "internalKeys" "suffix" "internal-keys") }}{{ end }}
{{- define "mesto.scrapydSecret" }}{{ include "mesto.secretName" (dict "root" . "part" "scrapyd" "suffix" "scrapyd") }}{{ end }}
{{- define "mesto.authSecret" }}{{ include "mesto.secretName" (dict "root" . "part" "authKeys" "suffix" "auth-keys") }}{{ end }}

{{- define "mesto.publicUrl" -}}
{{- if .Values.publicUrl }}{{ .Values.publicUrl }}
{{- else if .Values.ingress.enabled }}{{ if .Values.ingress.tlsSecret }}https{{ else }}http{{ end }}://{{ .Values.ingress.host }}
{{- else }}http://127.0.0.1:8080{{ end }}
{{- end }}

{{/* Proxies before the gateway; an Ingress controller has a private address, whatever its network is. */}}
{{- define "mesto.gatewayTrusts" -}}
{{- if .Values.trustedProxies.gateway }}{{ join "," .Values.trustedProxies.gateway }}
{{- else if .Values.ingress.enabled }}10.0.0.0/8,100.64.0.0/10,172.16.0.0/12,192.168.0.0/16,fc00::/7
{{- end }}
{{- end }}

{{- define "mesto.internalPort" }}8001{{ end }}
{{- define "mesto.publicPort" }}8000{{ end }}
{{/* Where a service answers probes when its internal port has TLS. */}}
{{- define "mesto.probePort" }}8002{{ end }}
{{- define "mesto.internalTlsSecret" }}{{ .Values.internalTls.secretName | default (printf "%s-internal-tls" (include "mesto.fullname" .)) }}{{ end }}

{{/* Scheduling and pulling, the same for every pod: (dict "root" $ "s" settings "component" …) */}}
{{- define "mesto.placement" -}}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .s.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .s.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .s.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .s.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "mesto.selector" . | nindent 8 }}
{{- end }}

{{/* The three probes on the internal port: (dict "port" "internal" "ready" "/readyz") */}}
{{- define "mesto.probes" -}}
startupProbe:
  httpGet: { path: /healthz, port: {{ .port }} }
  periodSeconds: 2
  timeoutSeconds: 3
  failureThreshold: 60
livenessProbe:
  httpGet: { path: /healthz, port: {{ .port }} }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: { path: {{ .ready }}, port: {{ .port }} }
  periodSeconds: 5
  timeoutSeconds: 6
  failureThreshold: 2
{{- end }}
