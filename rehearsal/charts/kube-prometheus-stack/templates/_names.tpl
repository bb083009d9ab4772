{{/* The real chart cuts its name to 26 characters: the release `monitoring` has monitoring-kube-prometheus. */}}
{{- define "stack.name" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 26 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 26 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* A ServiceMonitor of a Service by its app label: root, name, app, port. */}}
{{- define "stack.monitor" -}}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
{{ include "stand-in.metadata" (merge (dict "labels" (dict "release" .root.Release.Name)) .) }}
spec:
  selector:
    matchLabels:
      app.kubernetes.io/name: {{ .app }}
      app.kubernetes.io/instance: {{ .root.Release.Name }}
  namespaceSelector:
    matchNames: [{{ .root.Release.Namespace }}]
  endpoints:
    - port: {{ .port }}
{{- end -}}

{{/* What a selector is when the values leave it open: everything, or this release's own. */}}
{{- define "stack.selector" -}}
{{- if .ownOnly -}}
matchLabels: {release: {{ .root.Release.Name }}}
{{- else -}}
{}
{{- end -}}
{{- end -}}
