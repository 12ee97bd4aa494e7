#!/usr/bin/env bash
# Signs by each kind of key, in each form, with the real cosign:
#
#   packages/core/test/vectors/cosign-matrix/make.sh
#
# Needs what apps/e2e/demo/make-oci-fixtures.sh needs. Every run makes new keys and a new private Sigstore; all files
# of this folder change together. What they are is in README.md, and what is expected of them in
# packages/core/test/cosign/matrix.
set -euo pipefail
cd "$(dirname "$0")"

target=$PWD
work=$(mktemp -d)
first=${FIRST_PORT:-7400}
export HOME=$work COSIGN_PASSWORD=''
# shellcheck source=../../../../../apps/e2e/demo/oci-fixtures/private-sigstore.sh
source ../../../../../apps/e2e/demo/oci-fixtures/private-sigstore.sh
trap finish EXIT
need_tools
start_registry
start_sigstore mocks

# key NAME OPTION…: an unencrypted key of OpenSSL's, as cosign takes it in
mkdir -p keys
rm -f keys/*
key() {
  local name=$1
  shift
  openssl genpkey "$@" -out "$work/$name.pem" 2> /dev/null
  (cd "$work" && cosign import-key-pair --key "$name.pem" --output-key-prefix "$name" --yes) > "$work/cosign.log" 2>&1
  cp "$work/$name.pub" "keys/$name.pub"
}
key rsa-2048 -algorithm RSA -pkeyopt rsa_keygen_bits:2048
key rsa-4096 -algorithm RSA -pkeyopt rsa_keygen_bits:4096
key p-256 -algorithm EC -pkeyopt ec_paramgen_curve:P-256
key p-384 -algorithm EC -pkeyopt ec_paramgen_curve:P-384
key p-521 -algorithm EC -pkeyopt ec_paramgen_curve:P-521
key ed25519 -algorithm ED25519

# push REPOSITORY TAG: an artifact of one small layer
push() {
  rm -rf "$work/artifact"
  mkdir "$work/artifact"
  printf '%s %s\n' "$1" "$2" > "$work/artifact/content"
  tar --create --gzip --owner 0 --group 0 --mtime '2026-11-02 08:00Z' --file "$work/layer.tgz" \
    --directory "$work/artifact" content
  crane append --oci-empty-base --new_layer "$work/layer.tgz" --new_tag "$registry/$1:$2" > "$work/crane.log" 2>&1
  reference=$registry/$1@$(crane digest "$registry/$1:$2")
}

# sign OPTION…: what was pushed last
sign() { cosign sign --allow-http-registry --yes "$@" "$reference" > "$work/cosign.log" 2>&1; }

legacy=(--use-signing-config=false --new-bundle-format=false)
no_log=(--use-signing-config=false --tlog-upload=false)
sigstore=(--signing-config "$work/fulcio/signing_config.json" --trusted-root "$work/fulcio/trusted_root.json")
rekor_v1=(--rekor-url "$mock" --tlog-upload=true)

# 1.2.3 is what is asked for; 1.2.4 another artifact by the same signer, from which signatures are carried over.
for tag in 1.2.3 1.2.4; do
  for name in rsa-2048 rsa-4096 p-256 p-384 p-521 ed25519; do
    push "$name/bundle" $tag
    sign --key "$work/$name.key" "${no_log[@]}"
    push "$name/legacy" $tag
    sign --key "$work/$name.key" "${no_log[@]}" "${legacy[@]}"
    # Rekor v2 takes no such signature by Ed25519.
    if [ $name = ed25519 ]; then continue; fi
    push "$name/bundle-rekor-v2" $tag
    sign --key "$work/$name.key" "${sigstore[@]}"
  done
  push p-256/legacy-rekor-v1 $tag
  sign --key "$work/p-256.key" "${legacy[@]}" "${rekor_v1[@]}"

  curl --silent "$issuer/token?repository=acme/edge&ref=refs/heads/main" > "$work/token"
  push keyless/bundle-rekor-v2-tsa $tag
  sign --identity-token "$work/token" "${sigstore[@]}"
  push keyless/legacy-tsa $tag
  sign --identity-token "$work/token" "${legacy[@]}" "${no_log[@]}" --fulcio-url "$fulcio" \
    --timestamp-server-url "$tsa/api/v1/timestamp" --insecure-skip-verify
  push keyless/legacy-rekor-v1 $tag
  sign --identity-token "$work/token" "${legacy[@]}" "${rekor_v1[@]}" --fulcio-url "$fulcio" --insecure-skip-verify
  push keyless/legacy-timeless $tag
  sign --identity-token "$work/token" "${legacy[@]}" "${no_log[@]}" --fulcio-url "$fulcio" --insecure-skip-verify
  curl --silent "$mock/token?workflow=acme/edge/.github/workflows/release.yaml@refs/heads/main" > "$work/token"
  push keyless/legacy-rekor-v1-sct $tag
  sign --identity-token "$work/token" "${legacy[@]}" "${rekor_v1[@]}" --fulcio-url "$mock" \
    --trusted-root "$work/mock/trusted_root.json"
done

cp "$work/fulcio/trusted_root.json" trusted_root.json
cp "$work/mock/trusted_root.json" trusted_root_with_ctlog.json
echo "$issuer" > issuer
chmod 644 trusted_root*.json
node "$oci_fixtures/dump.ts" "http://$registry" "$target/registry.json"

# ------------------------------------------------------------------------------------------------- self-check
# What cosign itself says. It hashes by SHA-256 unless told otherwise, and does not take what it signed by Ed25519.

# check WANTED REPOSITORY OPTION…
check() {
  local wanted=$1 repository=$2 status=passes
  shift 2
  cosign verify --allow-http-registry "$@" "$registry/$repository:1.2.3" > "$work/cosign.log" 2>&1 || status=fails
  printf '%-34s %s\n' "$repository" "$status"
  if [ $status != "$wanted" ]; then return 1; fi
}
for name in rsa-2048 rsa-4096 p-256 p-384 p-521; do
  key=(--key "keys/$name.pub")
  case $name in
    p-384) key+=(--signature-digest-algorithm sha384) ;;
    p-521) key+=(--signature-digest-algorithm sha512) ;;
  esac
  check passes "$name/bundle" "${key[@]}" --insecure-ignore-tlog
  check passes "$name/legacy" "${key[@]}" --insecure-ignore-tlog
  check passes "$name/bundle-rekor-v2" "${key[@]}" --trusted-root trusted_root.json
done
check passes p-256/legacy-rekor-v1 --key keys/p-256.pub --trusted-root trusted_root.json
check fails ed25519/bundle --key keys/ed25519.pub --insecure-ignore-tlog
check fails ed25519/legacy --key keys/ed25519.pub --insecure-ignore-tlog
workflow=https://github.com/acme/edge/.github/workflows/release.yaml@refs/heads/main
keyless=(--certificate-identity "$workflow" --certificate-oidc-issuer "$issuer" --trusted-root trusted_root.json
  --insecure-ignore-sct)
check passes keyless/bundle-rekor-v2-tsa "${keyless[@]}" --use-signed-timestamps
check passes keyless/legacy-tsa "${keyless[@]}" --use-signed-timestamps --insecure-ignore-tlog
check passes keyless/legacy-rekor-v1 "${keyless[@]}"
check passes keyless/legacy-rekor-v1-sct --certificate-identity "$workflow" --trusted-root trusted_root_with_ctlog.json \
  --certificate-oidc-issuer https://token.actions.githubusercontent.com
