{{/*
A Deployment of one Python process:
(dict "root" $ "component" "booking-worker" "service" "booking" "process" "worker" "image" "service" "command" (list …)
 "s" settings "single" false). `single`: never two at a time.
*/}}
{{- define "mesto.deployment" -}}
{{- $root := .root }}{{ $s := .s }}{{ $api := eq .process "api" }}{{ $operator := eq .process "operator" }}{{ $scrapyd := eq .process "scrapyd" }}
{{- $uses := ternary (list "config") (list "config" "database" "broker") (or $operator $scrapyd) }}
{{- if and (eq .process "worker") (eq .service "notifications") }}{{ $uses = append $uses "mail" }}{{ end }}
{{- if $api }}{{ $uses = append $uses "serve" }}{{ end }}
{{- $apart := and $api $root.Values.internalTls.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "mesto.metadata" . | nindent 2 }}
spec:
  {{- if not (and $api $s.autoscaling.enabled) }}
  replicas: {{ ternary 1 $s.replicas .single }}
  {{- end }}
  revisionHistoryLimit: 3
  strategy:
    {{- if .single }}
    type: Recreate
    {{- else }}
    type: RollingUpdate
    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }
    {{- end }}
  selector:
    matchLabels:
      {{- include "mesto.selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "mesto.labels" $root | nindent 8 }}
        app.kubernetes.io/component: {{ .component }}
        mesto.dev/service: {{ .service }}
        mesto.dev/process: {{ .process }}
        {{- with $s.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      annotations:
        mesto.dev/config: {{ include "mesto.platformConfig" $root | sha256sum }}
        mesto.dev/secrets: {{ include "mesto.secretsChecksum" $root }}
        {{- with $s.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ include "mesto.fullname" $root }}-{{ .component }}
      automountServiceAccountToken: {{ $operator }}
      enableServiceLinks: false
      securityContext:
        {{- include "mesto.podSecurity" 10001 | nindent 8 }}
      terminationGracePeriodSeconds: {{ $s.terminationGracePeriodSeconds }}
      {{- include "mesto.placement" . | nindent 6 }}
      {{- if and (not $operator) (not $scrapyd) (ne .process "beat") }}
      initContainers:
        {{- include "mesto.schemaWait" . | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ .process }}
          image: {{ include "mesto.image" . }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          args:
            {{- toYaml .command | nindent 12 }}
          securityContext:
            {{- include "mesto.containerSecurity" $root | nindent 12 }}
          ports:
            {{- if $api }}
            - { name: public, containerPort: {{ include "mesto.publicPort" $root }} }
            {{- end }}
            - { name: internal, containerPort: {{ include "mesto.internalPort" $root }} }
            {{- if $apart }}
            - { name: probes, containerPort: {{ include "mesto.probePort" $root }} }
            {{- end }}
          {{- include "mesto.probes" (dict "port" (ternary "probes" "internal" $apart) "ready" "/readyz") | nindent 10 }}
          {{- if and $api (gt (int $s.preStopSeconds) 0) }}
          lifecycle:
            preStop:
              sleep: { seconds: {{ $s.preStopSeconds }} }
          {{- end }}
          resources:
            {{- toYaml $s.resources | nindent 12 }}
          env:
            {{- if $operator }}
            {{- include "mesto.commonEnv" . | nindent 12 }}
            {{- include "mesto.scrapydEnv" . | nindent 12 }}
            - name: MESTO_SCRAPYD_URL
              value: http://{{ include "mesto.fullname" $root }}-scrapyd:{{ include "mesto.internalPort" $root }}
            - name: MESTO_OPERATOR_PORT
              value: {{ include "mesto.internalPort" $root | quote }}
            - name: MESTO_OPERATOR_NAMESPACES
              value: {{ join "," $root.Values.operator.namespaces | quote }}
            {{- else if $scrapyd }}
            {{- include "mesto.commonEnv" . | nindent 12 }}
            {{- include "mesto.scrapydEnv" . | nindent 12 }}
            - name: MESTO_SCRAPYD_PORT
              value: {{ include "mesto.internalPort" $root | quote }}
            - name: MESTO_SCRAPYD_FOLDER
              value: /var/lib/scrapyd/data
            {{- else }}
            {{- include "mesto.serviceEnv" . | nindent 12 }}
            {{- end }}
            {{- with $s.extraEnv }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          volumeMounts:
            {{- include "mesto.mounts" (dict "root" $root "uses" $uses) | nindent 12 }}
            - { name: keys, mountPath: /etc/mesto/keys, readOnly: true }
            {{- if and $api (eq .service "auth") }}
            - { name: auth-keys, mountPath: /etc/mesto/auth-keys, readOnly: true }
            {{- end }}
            {{- if $scrapyd }}
            - { name: data, mountPath: /var/lib/scrapyd }
            {{- end }}
      volumes:
        {{- include "mesto.volumes" (dict "root" $root "uses" $uses) | nindent 8 }}
        {{- include "mesto.keysVolume" (dict "root" $root "caller" (ternary "" .service (eq .process "beat"))) | nindent 8 }}
        {{- if and $api (eq .service "auth") }}
        - name: auth-keys
          secret: { secretName: {{ include "mesto.authSecret" $root }}, defaultMode: 0440 }
        {{- end }}
        {{- if $scrapyd }}
        - name: data
          {{- if $s.storage }}
          persistentVolumeClaim: { claimName: {{ include "mesto.fullname" $root }}-scrapyd }
          {{- else }}
          emptyDir: { sizeLimit: 1Gi }
          {{- end }}
        {{- end }}
{{- end }}

{{/* Who a process is to the API server: nobody. Only the operator's account is used there. */}}
{{- define "mesto.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "mesto.metadata" . | nindent 2 }}
automountServiceAccountToken: false
{{- end }}

{{- define "mesto.disruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "mesto.metadata" . | nindent 2 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      {{- include "mesto.selector" . | nindent 6 }}
{{- end }}

{{- define "mesto.autoscaler" -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  {{- include "mesto.metadata" . | nindent 2 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "mesto.fullname" .root }}-{{ .component }}
  minReplicas: {{ .s.autoscaling.minReplicas }}
  maxReplicas: {{ .s.autoscaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: { type: Utilization, averageUtilization: {{ .s.autoscaling.targetCPUUtilizationPercentage }} }
{{- end }}
