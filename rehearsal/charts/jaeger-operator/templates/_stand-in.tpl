{{/*
What every stand-in chart has in common; the same file in each. It makes objects that look like the real
chart's and pods that pass the pod security level `restricted`, unless a chart asks for more.
*/}}

{{- define "stand-in.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The labels that select the pods of `app`: root, app, component. */}}
{{- define "stand-in.selector" -}}
app.kubernetes.io/name: {{ .app }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{/* An object's metadata: root, name, app; component, labels, annotations, clusterWide if wanted. */}}
{{- define "stand-in.metadata" -}}
metadata:
  name: {{ .name }}
  {{- if not .clusterWide }}
  namespace: {{ .namespace | default .root.Release.Namespace }}
  {{- end }}
  labels:
    {{- include "stand-in.selector" . | nindent 4 }}
    app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
    app.kubernetes.io/managed-by: {{ .root.Release.Service }}
    helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
    {{- with .labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    migrate-tui/stand-in: "true"
    {{- with .annotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{/*
A pod template with one container: root, app, image, ports (name: number); component, container (its name),
arguments, environment, environmentFrom, resources, serviceAccount, probe ({path, port} of its readiness), checksum (of
what it reads at start), mounts, volumes, restartPolicy, hostPID, capability (to add), hook (true for a hook's pod) if wanted.
*/}}
{{- define "stand-in.pod" -}}
metadata:
  labels:
    {{- include "stand-in.selector" . | nindent 4 }}
  annotations:
    migrate-tui/stand-in: "true"
    {{- with .checksum }}
    checksum/config: {{ . }}
    {{- end }}
    {{- with ternary (.root.Values.standIn).hookAnnotations (.root.Values.standIn).podAnnotations (default false .hook) }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  {{- with .serviceAccount }}
  serviceAccountName: {{ . }}
  {{- end }}
  {{- if .hostPID }}
  hostPID: true
  {{- end }}
  {{- with .restartPolicy }}
  restartPolicy: {{ . }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65534
    fsGroup: 65534
    seccompProfile: {type: RuntimeDefault}
  containers:
    - name: {{ .container | default .app }}
      image: {{ .image }}
      {{- with .arguments }}
      args:
        {{- range . }}
        - {{ . | quote }}
        {{- end }}
      {{- end }}
      {{- with .environment }}
      env:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .environmentFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .ports }}
      ports:
        {{- range $name, $number := . }}
        - {name: {{ $name }}, containerPort: {{ $number }}}
        {{- end }}
      {{- end }}
      {{- with .probe }}
      readinessProbe:
        httpGet: {path: {{ .path }}, port: {{ .port }}}
      {{- end }}
      resources:
        {{- toYaml (.resources | default (dict "requests" (dict "cpu" "10m" "memory" "32Mi") "limits" (dict "memory" "64Mi"))) | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]{{ with .capability }}, add: [{{ . }}]{{ end }}}
      {{- with .mounts }}
      volumeMounts:
        {{- toYaml . | nindent 8 }}
      {{- end }}
  {{- with .volumes }}
  volumes:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* A Deployment: what metadata and pod take, replicas, and strategy if wanted. */}}
{{- define "stand-in.deployment" -}}
apiVersion: apps/v1
kind: Deployment
{{ include "stand-in.metadata" . }}
spec:
  replicas: {{ .replicas | default 1 }}
  {{- with .strategy }}
  strategy:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  revisionHistoryLimit: 5
  selector:
    matchLabels:
      {{- include "stand-in.selector" . | nindent 6 }}
  template:
    {{- include "stand-in.pod" . | nindent 4 }}
{{- end -}}

{{/*
A StatefulSet: what metadata and pod take, replicas, service, and claims: a list of {name, spec} with the spec of a
PersistentVolumeClaim.
*/}}
{{- define "stand-in.statefulset" -}}
apiVersion: apps/v1
kind: StatefulSet
{{ include "stand-in.metadata" . }}
spec:
  replicas: {{ .replicas | default 1 }}
  serviceName: {{ .service }}
  podManagementPolicy: Parallel
  revisionHistoryLimit: 5
  selector:
    matchLabels:
      {{- include "stand-in.selector" . | nindent 6 }}
  template:
    {{- include "stand-in.pod" . | nindent 4 }}
  {{- with .claims }}
  volumeClaimTemplates:
    {{- range . }}
    - metadata:
        name: {{ .name }}
      spec:
        {{- toYaml .spec | nindent 8 }}
    {{- end }}
  {{- end }}
{{- end -}}

{{/* A DaemonSet: what metadata and pod take. */}}
{{- define "stand-in.daemonset" -}}
apiVersion: apps/v1
kind: DaemonSet
{{ include "stand-in.metadata" . }}
spec:
  revisionHistoryLimit: 5
  selector:
    matchLabels:
      {{- include "stand-in.selector" . | nindent 6 }}
  template:
    {{- include "stand-in.pod" . | nindent 4 }}
{{- end -}}

{{/*
A Service: what metadata takes, servicePorts (a list of {name, port, targetPort}); type, headless, spec (more fields
of its spec) if wanted.
*/}}
{{- define "stand-in.service" -}}
apiVersion: v1
kind: Service
{{ include "stand-in.metadata" . }}
spec:
  type: {{ .type | default "ClusterIP" }}
  {{- if .headless }}
  clusterIP: None
  {{- end }}
  {{- with .spec }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  selector:
    {{- include "stand-in.selector" . | nindent 4 }}
  ports:
    {{- range .servicePorts }}
    - {name: {{ .name }}, port: {{ .port }}, targetPort: {{ .targetPort | default .name }}, protocol: {{ .protocol | default "TCP" }}}
    {{- end }}
{{- end -}}

{{/* A ServiceAccount: what metadata takes. */}}
{{- define "stand-in.account" -}}
apiVersion: v1
kind: ServiceAccount
{{ include "stand-in.metadata" . }}
{{- end -}}

{{/*
A ClusterRole and its binding to a ServiceAccount: what metadata takes, account, rules. The rights are those that a
look at the cluster needs; the pods are simulated and use none.
*/}}
{{- define "stand-in.role" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
{{ include "stand-in.metadata" (merge (dict "clusterWide" true) .) }}
rules:
  {{- toYaml .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
{{ include "stand-in.metadata" (merge (dict "clusterWide" true) .) }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{ .name }}}
subjects:
  - {kind: ServiceAccount, name: {{ .account }}, namespace: {{ .root.Release.Namespace }}}
{{- end -}}

{{/* An Ingress: what metadata takes, ingress (the real chart's values of it), service, port. */}}
{{- define "stand-in.ingress" -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
{{ include "stand-in.metadata" (merge (dict "annotations" (.ingress.annotations | default dict)) .) }}
spec:
  {{- with .ingress.ingressClassName }}
  ingressClassName: {{ . }}
  {{- end }}
  {{- with .ingress.tls }}
  tls:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  rules:
    {{- range .ingress.hosts }}
    - host: {{ . | quote }}
      http:
        paths:
          - path: {{ $.ingress.path | default "/" }}
            pathType: {{ $.ingress.pathType | default "Prefix" }}
            backend:
              service:
                name: {{ $.service }}
                port: {number: {{ $.port }}}
    {{- end }}
{{- end -}}
