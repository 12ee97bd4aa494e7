{{- define "instance" -}}
source-integrity-{{ .Release.Namespace }}
{{- end -}}

{{- define "labels" -}}
{ app.kubernetes.io/name: source-integrity-server, app.kubernetes.io/part-of: argocd }
{{- end -}}

{{- define "celList" -}}
[{{ range $index, $text := . }}{{ if $index }}, {{ end }}'{{ $text }}'{{ end }}]
{{- end -}}

{{- define "failurePolicy" -}}
{{ if eq .Values.enforcement "enforce" }}Fail{{ else }}Ignore{{ end }}
{{- end -}}

{{- /* What both webhooks ask about: Applications of this instance's namespaces. */ -}}
{{- define "askedAbout" -}}
namespaceSelector:
  matchExpressions:
    - key: kubernetes.io/metadata.name
      operator: In
      values: {{ prepend (without .Values.applicationNamespaces .Release.Namespace) .Release.Namespace | toJson }}
rules:
  - apiGroups: [argoproj.io]
    apiVersions: ['*']
    operations: [CREATE, UPDATE]
    resources: [applications]
    scope: Namespaced
{{- end -}}

{{- define "exclusion" -}}
{{- with .Values.excludeApplication }}{{ if .name -}}
- name: not-our-own-installation
  expression: "!(object.metadata.namespace == '{{ .namespace }}' && object.metadata.?name.orValue('') == '{{ .name }}')"
{{- end }}{{ end -}}
{{- end -}}

{{- define "gpgKeysWriter" -}}
{{- $writer := .Values.trustRoots.gpgKeysWriter -}}
{{- if kindIs "invalid" $writer }}system:serviceaccount:{{ .Release.Namespace }}:argocd-server{{ else }}{{ $writer }}{{ end }}
{{- end -}}
