{{- define "vendorsmith.labels" -}}
app.kubernetes.io/name: vendorsmith
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
