#!/usr/bin/env bash
# Makes what the demo's registry serves, with keys and trust root.
#
#   apps/e2e/demo/make-oci-fixtures.sh
#
# Needs, on PATH and without the internet: Node.js, OpenSSL, Helm 4.3.1, cosign 3.1.3, and of Sigstore and
# go-containerregistry
#   go install github.com/google/go-containerregistry/cmd/crane@v0.22.1
#   go install github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3
#   go install github.com/sigstore/fulcio@v1.8.8
#   go install github.com/sigstore/timestamp-authority/v2/cmd/timestamp-server@v2.1.5
#   go install github.com/sigstore/rekor-tiles/v2/cmd/rekor-server/posix@v2.3.0   (as `rekor-server-posix`)
# all of them with Go 1.27.
#
# Every run makes new keys and a new private Sigstore, whose secret halves are gone when the script ends.
# Written are:
#   registry.json                                 everything that the registry holds
#   cluster/argocd-cosign-keys-cm.yaml            the public keys
#   cluster/argocd-sigstore-trusted-root-cm.yaml  the trust root of the private Sigstore
# The policies name keys and trust root by their names, and stay as make-fixtures.sh wrote them. Run this after
# that one: mirror/valkey is the chart that it signed.
set -euo pipefail
cd "$(dirname "$0")"

demo=$PWD
work=$(mktemp -d)
# The ports of the registry and of the issuer (5556) are those that the demo's manifests are written with.
registry_port=5001 first=5555
export HOME=$work COSIGN_PASSWORD='' HELM_CACHE_HOME=$work/helm HELM_CONFIG_HOME=$work/helm HELM_DATA_HOME=$work/helm
source oci-fixtures/private-sigstore.sh
trap finish EXIT
need_tools
start_registry
start_sigstore
trusted_root=$work/fulcio/trusted_root.json

# ------------------------------------------------------------------------------------------------------- keys

# The key that the edge team's pipeline signs with; the platform team's; and one that nobody has added.
for name in edge-release platform-release contractor; do
  (cd "$work" && cosign generate-key-pair --output-key-prefix "$name" 2> "$work/cosign.log")
done

# -------------------------------------------------------------------------------------------------- artifacts

# push REPOSITORY VERSION SETTING…: a folder with one ConfigMap, as Argo CD unpacks it
push() {
  local repository=$1 version=$2 name=${1##*/} folder=$work/artifact
  shift 2
  rm -rf "$folder"
  mkdir "$folder"
  {
    printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\ndata:\n' "$name"
    printf '  %s\n' "$@"
  } > "$folder/$name.yaml"
  tar --create --gzip --owner 0 --group 0 --mtime '2026-11-02 08:00Z' --file "$work/layer.tar.gz" --directory "$folder" .
  crane append --oci-empty-base --new_layer "$work/layer.tar.gz" --new_tag "$registry/$repository:$version" \
    > "$work/crane.log" 2>&1
  reference=$registry/$repository@$(crane digest "$registry/$repository:$version")
}

by_key=(--use-signing-config=false --tlog-upload=false --allow-http-registry --yes)

# sign KEY [option…]: what was pushed last
sign() {
  local key=$1
  shift
  cosign sign --key "$work/$key.key" "${by_key[@]}" "$@" "$reference" > "$work/cosign.log" 2>&1
}

# sign_keyless GIT_REF: by the release workflow of acme/edge at that ref
sign_keyless() {
  curl --silent "$issuer/token?repository=acme/edge&ref=$1" > "$work/token"
  cosign sign --identity-token "$work/token" --signing-config "$work/fulcio/signing_config.json" \
    --trusted-root "$trusted_root" --allow-http-registry --yes "$reference" > "$work/cosign.log" 2>&1
}

# dns-zones: as it should be, with a key.
push edge/dns-zones 3.7.0 'soa.acme.example: ns1.edge.acme.example' 'ttl: "300"'
sign edge-release

# waf-rules: likewise, in the form that cosign wrote before version 3.
push edge/waf-rules 12.1.0 'paranoia: "2"' 'anomaly-threshold: "5"'
sign edge-release --new-bundle-format=false

# telemetry: without a key, by the release workflow.
push edge/telemetry 1.9.0 'interval: 15s' 'sink: otel.edge.acme.example:4317'
sign_keyless refs/heads/main

# certificates: the same workflow, but on a branch that nobody has reviewed.
push edge/certificates 1.4.0 'issuer: acme-edge-ca' 'renew-before: 240h'
sign_keyless refs/heads/quick-fix

# proxy-config: signed by a key that nobody has added.
push edge/proxy-config 5.2.1 'upstream: proxy.acme-cdn.example:443'
sign contractor

# geo-blocks: not signed.
push edge/geo-blocks 2026.11.3 'regions: none'

# access-lists: the right key attests that it was scanned; nobody has signed it.
push edge/access-lists 8.0.2 'office: 192.0.2.0/24' 'vpn: 198.51.100.0/24'
echo '{"scanner": "acme-scan 4.1", "findings": 0}' > "$work/scan.json"
cosign attest --key "$work/edge-release.key" "${by_key[@]}" --type https://acme.example/scan/v1 \
  --predicate "$work/scan.json" "$reference" > "$work/cosign.log" 2>&1

# ingress: the signed 2.3.1 has got the tag 2.4.0, too.
mkdir -p "$work/src/ingress"
cp -r chart-source/. "$work/src/ingress"
cat > "$work/src/ingress/Chart.yaml" <<'EOT'
apiVersion: v2
name: ingress
description: Takes requests in at the edge sites
type: application
version: 2.3.1
appVersion: 2.3.1
EOT
helm package --destination "$work" "$work/src/ingress" > /dev/null
helm push "$work/ingress-2.3.1.tgz" "oci://$registry/edge/charts" --plain-http > "$work/helm.log" 2>&1
reference=$registry/edge/charts/ingress@$(crane digest "$registry/edge/charts/ingress:2.3.1")
sign edge-release
crane tag "$registry/edge/charts/ingress:2.3.1" 2.4.0 2> "$work/crane.log"

# edge-cache: the mirrored chart with its provenance file, which Helm pushes along with it.
helm push charts/mirror/valkey-4.0.9.tgz "oci://$registry/mirror" --plain-http > "$work/helm.log" 2>&1

# latency-probe: signed, though no policy covers the repository.
push lab/latency-probe 0.3.0 'targets: fra,ams,lhr'
sign platform-release

node oci-fixtures/dump.ts "http://$registry" registry.json

# ---------------------------------------------------------------------------------------- keys and trust root

# config_map NAME: the head of a ConfigMap that Argo CD's own tools find
config_map() {
  cat <<EOT
# Made by make-oci-fixtures.sh.
apiVersion: v1
kind: ConfigMap
metadata:
  name: $1
  namespace: argocd
  labels:
    app.kubernetes.io/name: $1
    app.kubernetes.io/part-of: argocd
data:
EOT
}
{
  config_map argocd-cosign-keys-cm
  for name in edge-release platform-release; do
    echo "  $name: |"
    sed 's/^/    /' "$work/$name.pub"
  done
} > cluster/argocd-cosign-keys-cm.yaml
{
  config_map argocd-sigstore-trusted-root-cm
  echo '  acme: |'
  node -p 'JSON.stringify(JSON.parse(fs.readFileSync(process.argv[1], "utf8")), null, 2)' "$trusted_root" |
    sed 's/^/    /'
} > cluster/argocd-sigstore-trusted-root-cm.yaml

# ------------------------------------------------------------------------------------------------- self-check
# What cosign says of each artifact, asked as the policies ask; Helm pulls and verifies the chart of the mirror.

kill "${started[0]}"
wait "${started[0]}" 2> /dev/null || true
start dump "http://$registry/v2/" node -e '
  import(process.argv[1]).then(({ createRegistry }) => createRegistry(() => process.argv[2]).listen(5001, "127.0.0.1"))
' "$demo/registry.ts" "$demo/registry.json"

workflow=https://github.com/acme/edge/.github/workflows/release.yaml@refs/heads/main
key=(--key "$work/edge-release.pub" --insecure-ignore-tlog)
keyless=(--trusted-root "$trusted_root" --insecure-ignore-sct --use-signed-timestamps
  --certificate-oidc-issuer "$issuer" --certificate-identity "$workflow")

wrong=0
printf '\n%-32s %-8s %-9s %s\n' ARTIFACT COSIGN 'AS WANTED' 'SAID'
# check WANTED ARTIFACT OPTION…
check() {
  local wanted=$1 artifact=$2 said status=passes right=yes
  shift 2
  said=$(cosign verify --allow-http-registry "$@" "$registry/$artifact" 2>&1) || status=fails
  if [ $status != "$wanted" ]; then right=NO wrong=1; fi
  printf '%-32s %-8s %-9s %.100s\n' "$artifact" $status $right "$(grep -v '^$' <<< "$said" | grep -m1 -i 'error\|no \|validated\|verified' || true)"
}
check passes edge/dns-zones:3.7.0 "${key[@]}"
check passes edge/waf-rules:12.1.0 "${key[@]}"
check passes edge/telemetry:1.9.0 "${keyless[@]}"
check fails edge/certificates:1.4.0 "${keyless[@]}"
check fails edge/proxy-config:5.2.1 "${key[@]}"
check fails edge/geo-blocks:2026.11.3 "${key[@]}"
# cosign takes the attestation for a signature, and a digest under any tag for the right one. We don't.
check passes edge/access-lists:8.0.2 "${key[@]}"
check passes edge/charts/ingress:2.4.0 "${key[@]}"
check passes lab/latency-probe:0.3.0 --key "$work/platform-release.pub" --insecure-ignore-tlog
mkdir "$work/pulled"
helm pull "oci://$registry/mirror/valkey" --version 4.0.9 --plain-http --prov --destination "$work/pulled" > "$work/helm.log" 2>&1
if ! cmp "$work/pulled/valkey-4.0.9.tgz.prov" charts/mirror/valkey-4.0.9.tgz.prov; then wrong=1; fi
exit $wrong
