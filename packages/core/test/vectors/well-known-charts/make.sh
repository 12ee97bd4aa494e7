#!/usr/bin/env bash
# Publishes charts as well-known projects publish theirs: same layout, form of signature, kind of key, digest algorithm
# and place of the signatures; keys, identities' certificates and contents are our own.
#
#   packages/core/test/vectors/well-known-charts/make.sh
#
# Needs GnuPG and what apps/e2e/demo/make-oci-fixtures.sh needs. README.md says what comes out.
set -euo pipefail
cd "$(dirname "$0")"

target=$PWD
work=$(mktemp -d)
first=${FIRST_PORT:-7500}
export HOME=$work GNUPGHOME=$work/gnupg COSIGN_PASSWORD=''
# shellcheck source=../../../../../apps/e2e/demo/oci-fixtures/private-sigstore.sh
source ../../../../../apps/e2e/demo/oci-fixtures/private-sigstore.sh
trap finish EXIT
need_tools
start_registry
start_sigstore mocks

rm -rf keys http
mkdir -p keys http "$work/keyrings"
mkdir -m 700 "$GNUPGHOME"
gpg() { command gpg --batch --quiet --no-tty --pinentry-mode loopback --passphrase '' "$@" 2>> "$work/gpg.log"; }

# pgp_key NAME: RSA 4096. Argo CD keeps the public half in this form; Helm signs with a ring of its own.
pgp_key() {
  gpg --quick-generate-key "$1 <charts@$1.example>" rsa4096 sign never
  gpg --armor --export "charts@$1.example" > "keys/$1.asc"
  gpg --export-secret-keys "charts@$1.example" > "$work/keyrings/$1.gpg"
}

# package NAME VERSION [KEY]: $work/NAME-VERSION.tgz, and its .prov if a key is named
package() {
  local sign=()
  if [ $# = 3 ]; then sign=(--sign --key '@' --keyring "$work/keyrings/$3.gpg"); fi
  rm -rf "$work/source"
  mkdir -p "$work/source/$1/templates"
  printf 'apiVersion: v2\nname: %s\nversion: %s\nappVersion: "%s"\ndescription: A chart in the place of %s\n' \
    "$1" "$2" "$2" "$1" > "$work/source/$1/Chart.yaml"
  printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n' "$1" > "$work/source/$1/templates/config.yaml"
  helm package "${sign[@]}" --destination "$work" "$work/source/$1" > "$work/helm.log" 2>&1
}

# publish URL OF INDEX, URL OF CHARTS, NAME VERSION: what an HTTP repository serves, in files named by URL
publish() {
  local index=http/${1#https://} charts=http/${2#https://}
  mkdir -p "$index" "$charts" "$work/index"
  mv "$work/$3-$4.tgz" "$work/index"
  helm repo index "$work/index" --url "$2"
  mv "$work/index/index.yaml" "$index"
  mv "$work/index/$3-$4.tgz" "$charts"
  if [ -f "$work/$3-$4.tgz.prov" ]; then mv "$work/$3-$4.tgz.prov" "$charts"; fi
}

# push REPOSITORY, NAME VERSION: with the .prov where there is one
push() {
  helm push "$work/$2-$3.tgz" "oci://$registry/$1" --plain-http > "$work/helm.log" 2>&1
  reference=$registry/$1/$2@$(crane digest "$registry/$1/$2:$3")
}

# token WORKFLOW: of GitHub's, as `repository/path@ref`
token() { curl --silent "$mock/token?workflow=$1" > "$work/token"; }

# sign_by_workflow OPTION…: as cosign before version 3 does it in a workflow: legacy, Rekor v1, a certificate with SCT
sign_by_workflow() {
  cosign sign --identity-token "$work/token" --use-signing-config=false --new-bundle-format=false \
    --fulcio-url "$mock" --rekor-url "$mock" --tlog-upload=true --trusted-root "$work/mock/trusted_root.json" \
    --allow-http-registry --yes "$@" "$reference" > "$work/cosign.log" 2>&1
}
sigstore=(--identity-token "$work/token" --signing-config "$work/mock/signing_config.json"
  --trusted-root "$work/mock/trusted_root.json" --allow-http-registry --yes)

# ------------------------------------------------------------------------------------------------ PGP over HTTP

pgp_key prometheus-community
package kube-prometheus-stack 79.5.0 prometheus-community
publish https://prometheus-community.github.io/helm-charts \
  https://github.com/prometheus-community/helm-charts/releases/download/kube-prometheus-stack-79.5.0 \
  kube-prometheus-stack 79.5.0

pgp_key gitlab
package gitlab 9.6.1 gitlab
publish https://charts.gitlab.io https://gitlab-charts.s3.amazonaws.com gitlab 9.6.1

pgp_key grafana
package grafana 10.1.4 grafana
publish https://grafana.github.io/helm-charts \
  https://github.com/grafana/helm-charts/releases/download/grafana-10.1.4 grafana 10.1.4

package base 1.28.0
publish https://istio-release.storage.googleapis.com/charts https://istio-release.storage.googleapis.com/charts \
  base 1.28.0

# ----------------------------------------------------------------------------------------- PGP in a registry

pgp_key argo-helm
package argo-cd 9.1.4 argo-helm
push argoproj/argo-helm argo-cd 9.1.4

# One key signs in both ways, by a service that hashes with SHA-512; no log.
pgp_key cert-manager
package cert-manager v1.19.1 cert-manager
push jetstack/charts cert-manager v1.19.1
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:4096 -out "$work/cert-manager.pem" 2> /dev/null
openssl pkey -in "$work/cert-manager.pem" -pubout -out keys/cert-manager.pem
cosign generate "$reference" --allow-http-registry > "$work/payload" 2> "$work/cosign.log"
openssl dgst -sha512 -sign "$work/cert-manager.pem" "$work/payload" | base64 -w 0 > "$work/signature"
cosign attach signature --payload "$work/payload" --signature "$work/signature" --allow-http-registry "$reference" \
  > "$work/cosign.log" 2>&1

# ---------------------------------------------------------------------------------------------------- keyless

package kyverno 3.6.0
push kyverno/charts kyverno 3.6.0
token kyverno/kyverno/.github/workflows/helm-release.yaml@refs/tags/kyverno-chart-3.6.0
COSIGN_REPOSITORY=$registry/kyverno/signatures sign_by_workflow \
  -a repo=kyverno/kyverno -a workflow=helm-release -a kind=helm-chart

# put PATH FILE TYPE METHOD: what crane cannot push
put() {
  curl --silent --fail --request "$4" --header "content-type: $3" --data-binary "@$2" "http://$registry/v2/$1" \
    > "$work/curl.log"
}

# notation REPOSITORY: what `notation sign` leaves beside an artifact, with nobody's signature in it
notation() {
  local digest manifest type=application/vnd.cncf.notary.signature index=application/vnd.oci.image.index.v1+json
  printf '{}' > "$work/empty"
  digest=sha256:$(sha256sum "$work/empty" | cut -c1-64)
  put "$1/blobs/uploads/?digest=$digest" "$work/empty" application/octet-stream POST
  printf '{"schemaVersion":2,"mediaType":"%s","artifactType":"%s","config":{"mediaType":"%s","digest":"%s","size":2},"layers":[{"mediaType":"application/cose","digest":"%s","size":2}]}' \
    application/vnd.oci.image.manifest.v1+json $type $type "$digest" "$digest" > "$work/notation"
  manifest=sha256:$(sha256sum "$work/notation" | cut -c1-64)
  put "$1/manifests/$manifest" "$work/notation" application/vnd.oci.image.manifest.v1+json PUT
  printf '{"schemaVersion":2,"mediaType":"%s","manifests":[{"mediaType":"%s","artifactType":"%s","digest":"%s","size":%s}]}' \
    $index application/vnd.oci.image.manifest.v1+json $type "$manifest" "$(stat -c %s "$work/notation")" > "$work/notation-index"
  put "$1/manifests/sha256-${reference#*@sha256:}" "$work/notation-index" $index PUT
}

# By cosign 3: a bundle; and by Notation, which is passed over.
package podinfo 6.9.4
push stefanprodan/charts podinfo 6.9.4
notation stefanprodan/charts/podinfo
token stefanprodan/podinfo/.github/workflows/release.yml@refs/tags/6.9.4
cosign sign "${sigstore[@]}" "$reference" > "$work/cosign.log" 2>&1

package flagger 1.42.0
push fluxcd/charts flagger 1.42.0
token fluxcd/flagger/.github/workflows/release.yml@refs/tags/v1.42.0
sign_by_workflow

# The workflow that is called, not the one that calls it, is the identity.
package app-template 4.4.0
push bjw-s-labs/helm app-template 4.4.0
token bjw-s-labs/helm-charts/.github/workflows/chart-release-steps.yaml@refs/heads/main
sign_by_workflow

# Beside the legacy signature lies the attestation of the build, a bundle.
package external-secrets 1.0.0
push external-secrets/charts external-secrets 1.0.0
token external-secrets/external-secrets/.github/workflows/helm.yml@refs/heads/main
sign_by_workflow
printf '{"buildDefinition": {"buildType": "https://actions.github.io/buildtypes/workflow/v1"}}' > "$work/predicate"
cosign attest "${sigstore[@]}" --type slsaprovenance1 --predicate "$work/predicate" "$reference" \
  > "$work/cosign.log" 2>&1

cp "$work/mock/trusted_root.json" trusted_root.json
chmod 644 trusted_root.json
node "$oci_fixtures/dump.ts" "http://$registry" "$target/registry.json"

# ------------------------------------------------------------------------------------------------- self-check
# What cosign says, asked as the projects say that it should be.

verify() { cosign verify --allow-http-registry "$@" > "$work/cosign.log" 2>&1; }
actions=(--trusted-root trusted_root.json --certificate-oidc-issuer https://token.actions.githubusercontent.com)
verify --key keys/cert-manager.pem --signature-digest-algorithm sha512 --insecure-ignore-tlog \
  "$registry/jetstack/charts/cert-manager:v1.19.1"
COSIGN_REPOSITORY=$registry/kyverno/signatures verify "${actions[@]}" \
  --certificate-identity-regexp 'https://github.com/kyverno/kyverno/.*' "$registry/kyverno/charts/kyverno:3.6.0"
for chart in stefanprodan/charts/podinfo:6.9.4 fluxcd/charts/flagger:1.42.0 bjw-s-labs/helm/app-template:4.4.0; do
  verify "${actions[@]}" --certificate-identity-regexp 'https://github.com/.*' "$registry/$chart"
done
du -sh "$target"
