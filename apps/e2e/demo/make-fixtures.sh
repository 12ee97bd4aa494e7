#!/usr/bin/env bash
# Makes the demo's chart repositories, key ring and policy from nothing.
#
#   apps/e2e/demo/make-fixtures.sh
#
# Needs Helm 4.3.1 and GnuPG 2.2 or later as `helm` and `gpg` on PATH, and no network.
#
# Every run makes new keys. The secret halves never leave a temporary folder and are gone when the script
# ends, so nobody – the authors included – can sign anything for the demo afterwards. Written are:
#   charts/                                  emptied and made anew
#   cluster/argocd-gpg-keys-cm.yaml          the public keys
#   cluster/argocd-source-integrity-cm.yaml  the policies that name them
# The other files of cluster/ are kept by hand. README.md says what each Application is for.
set -euo pipefail
cd "$(dirname "$0")"

work=$(mktemp -d)
export GNUPGHOME=$work/gnupg HELM_CACHE_HOME=$work/helm HELM_CONFIG_HOME=$work/helm HELM_DATA_HOME=$work/helm
finish() {
  if [ $? != 0 ]; then echo 'Failed. The last that gpg said:' >&2; tail "$work/gpg.log" >&2; fi
  gpgconf --kill all
  rm -rf "$work"
}
trap finish EXIT
mkdir -m 700 "$GNUPGHOME"
mkdir "$work/keys" "$work/src"
touch "$work/gpg.log"

case $(helm version --template '{{.Version}}') in
  v4.3*) ;;
  *) echo "helm 4.3.1 is needed, found: $(helm version --short)" >&2; exit 1 ;;
esac
rm -rf charts

# ---------------------------------------------------------------------------------------------------- keys

gpg() { command gpg --batch --quiet --no-tty --pinentry-mode loopback --passphrase '' "$@" 2>> "$work/gpg.log"; }

declare -A fingerprint

# new_key NAME 'USER ID' ALGORITHM USAGE EXPIRY [gpg option…]: an unprotected key
new_key() {
  local name=$1 user=$2 algorithm=$3 usage=$4 expiry=$5
  shift 5
  gpg "$@" --quick-generate-key "$user" "$algorithm" "$usage" "$expiry"
  fingerprint[$name]=$(gpg --with-colons --list-keys "$user" | awk -F: '$1 == "fpr" { print $10; exit }')
}

key_id() { echo "${fingerprint[$1]: -16}"; }

# The key that the teams' pipelines sign with.
new_key release 'Acme Release (charts) <release@acme.example>' rsa3072 sign never
# Countersigns charts that are mirrored from elsewhere.
new_key security 'Acme Security (mirrored charts) <security@acme.example>' rsa3072 sign never
# A primary key that only certifies, and a subkey that signs: the primary is kept offline.
new_key platform 'Acme Platform (charts) <platform@acme.example>' ed25519 cert never
gpg --quick-add-key "${fingerprint[platform]}" ed25519 sign never
# Expired at the end of 2023; its signatures were made while it was valid.
new_key release-2023 'Acme Release 2023 (charts) <release-2023@acme.example>' rsa3072 sign 2023-12-31 \
  --faked-system-time 20230102T080000!
# Revoked further down, once it has signed.
new_key release-2025 'Acme Release 2025 (charts) <release-2025@acme.example>' rsa3072 sign never
# Nobody has added this one to the key ring.
new_key contractor 'Initech Delivery <delivery@initech.example>' rsa3072 sign never

# Helm reads secret keys from a binary key ring.
for name in release security release-2025 contractor; do
  gpg --export-secret-keys "${fingerprint[$name]}" > "$work/keys/$name.gpg"
done

# -------------------------------------------------------------------------------------------------- charts

# write_chart NAME VERSION APP_VERSION DESCRIPTION: the sources of a chart of $team, in $work/src/NAME
write_chart() {
  local source=$work/src/$1
  rm -rf "$source"
  cp -r chart-source "$source"
  sed -i "s|images.acme.example/storefront/app|images.acme.example/$team/$1|" "$source/values.yaml"
  cat > "$source/Chart.yaml" <<EOF
apiVersion: v2
name: $1
description: $4
type: application
version: $2
appVersion: "$3"
kubeVersion: ">=1.31.0-0"
maintainers:
  - name: Acme ${team^}
    email: $team@acme.example
EOF
}

# pack REPOSITORY NAME [KEY]: packages $work/src/NAME, signed by Helm if a key is named. --key wants a part of
# the user ID; each key ring holds a single key, so '@' will do.
pack() {
  local sign=()
  if [ $# = 3 ]; then sign=(--sign --key '@' --keyring "$work/keys/$3.gpg"); fi
  helm package "${sign[@]}" --destination "charts/$1" "$work/src/$2" > /dev/null
}

# resign FILE KEY [gpg option…]: the same text, clear-signed by GnuPG instead. Helm itself signs with
# primary keys only, and only with today's date.
resign() {
  local prov=charts/$1.prov user=${fingerprint[$2]}
  shift 2
  gpg --yes --output "$work/text" --decrypt "$prov"
  gpg --yes "$@" --local-user "$user" --digest-algo SHA512 --output "$prov" --clearsign "$work/text"
}

team=storefront

# payments: as it should be.
write_chart payments 1.4.2 2.18.0 'Takes card and account payments and talks to the acquirers'
pack storefront payments release

# checkout: somebody pointed the chart at another image after it was signed. The repository was indexed
# again afterwards, so only the provenance file tells.
write_chart checkout 2.3.1 5.0.7 'The last steps from basket to order'
pack storefront checkout release
sed -i 's|images.acme.example/|images.acme-cdn.example/|' "$work/src/checkout/values.yaml"
pack storefront checkout

# catalog: the signed text was edited.
write_chart catalog 1.8.0 3.4.1 'Products, prices and availability'
pack storefront catalog release
sed -i 's/^appVersion: .*/appVersion: 3.4.2/' charts/storefront/catalog-1.8.0.tgz.prov

# cart: signed by a key that is not in the key ring.
write_chart cart 3.0.4 1.12.0 'Shopping carts, kept across devices'
pack storefront cart contractor

# search: signed by a key of the ring that the project's policy doesn't list.
write_chart search 0.9.7 0.31.2 'Full-text search over the catalogue'
pack storefront search security

# recommendations: several versions; the Application asks for ^1.2, which is 1.10.2.
for version in 1.2.0 1.2.6 1.3.0-rc.1 1.10.2 2.0.0; do
  write_chart recommendations "$version" "$version" 'Products that go with what is in the cart'
  pack storefront recommendations release
done

# web-shop: a library chart is vendored in charts/, inside the signed archive.
write_chart acme-common 1.0.3 1.0.3 'Labels and network policies that all charts of Acme share'
rm -r "$work"/src/acme-common/{templates,values.yaml}
sed -i 's/^type: .*/type: library/; /^appVersion:/d' "$work/src/acme-common/Chart.yaml"
mkdir "$work/src/acme-common/templates"
cat > "$work/src/acme-common/templates/_networkpolicy.tpl" <<'EOF'
{{/* Lets nothing in but the ingress controller. */}}
{{- define "acme-common.networkPolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ .Release.Name }}
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/instance: {{ .Release.Name }}
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: ingress
{{- end }}
EOF
write_chart web-shop 5.1.0 5.1.0 'The shop as customers see it'
echo '{{ include "acme-common.networkPolicy" . }}' > "$work/src/web-shop/templates/networkpolicy.yaml"
cat >> "$work/src/web-shop/Chart.yaml" <<'EOF'
dependencies:
  - name: acme-common
    version: 1.0.3
    repository: file://../acme-common
EOF
helm dependency update "$work/src/web-shop" > /dev/null
pack storefront web-shop release

# order-tracking: one source is signed, the other, notifications, isn't.
write_chart order-tracking 1.1.0 1.7.3 'Shows customers where their parcels are'
pack storefront order-tracking release
write_chart notifications 0.4.2 0.9.0 'Mail and push messages about orders'
pack storefront notifications

# session-cache: a mirrored chart that the policy for all projects covers.
team=security
write_chart valkey 4.0.9 9.0.1 'Valkey, mirrored from upstream and reviewed'
pack mirror valkey security

team=platform

# edge-gateway: signed by a subkey; the policy lists the primary key.
write_chart edge-gateway 4.2.0 1.38.0 'Terminates TLS for everything that faces the internet'
pack platform edge-gateway release
resign platform/edge-gateway-4.2.0.tgz platform

# cert-rotator: signed in 2023 by a key that has expired since.
write_chart cert-rotator 1.6.3 1.6.3 'Renews the certificates of internal services'
pack platform cert-rotator release
resign platform/cert-rotator-1.6.3.tgz release-2023 --faked-system-time 20230614T093000!

# backup: signed by a key that was revoked later. GnuPG makes the certificate along with the key and
# disarms it with a colon.
write_chart backup 2.0.1 0.18.0 'Nightly snapshots of volumes to the second site'
pack platform backup release-2025
sed 's/^:---/---/' "$GNUPGHOME/openpgp-revocs.d/${fingerprint[release-2025]}.rev" | gpg --import

# log-collector: no provenance file.
write_chart log-collector 3.3.0 4.2.1 'Ships container logs to the central store'
pack platform log-collector

# node-tuning: where the provenance file should be, the server answers 200 with a page for browsers.
write_chart node-tuning 1.1.5 1.1.5 'Kernel settings of worker nodes'
pack platform node-tuning
cat > charts/platform/node-tuning-1.1.5.tgz.prov <<'EOF'
<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Acme Artifacts</title>
    <script type="module" src="/assets/index.js"></script>
  </head>
  <body>
    <noscript>Acme Artifacts needs JavaScript.</noscript>
    <div id="root"></div>
  </body>
</html>
EOF

team=finance

# ledger: 1.1.0 is served with the provenance file of 1.0.0.
for version in 1.0.0 1.1.0; do
  write_chart ledger "$version" "$version" 'The general ledger and its nightly close'
  pack finance ledger release
done
cp charts/finance/ledger-1.0.0.tgz.prov charts/finance/ledger-1.1.0.tgz.prov

# invoicing: chart and provenance file are right, the digest in index.yaml (see below) is not.
write_chart invoicing 2.7.0 2.7.0 'Writes invoices and credit notes'
pack finance invoicing release

# payroll: in a repository that asks for a password.
write_chart payroll 3.1.2 11.4.0 'Monthly payroll runs'
pack private payroll release

# tax-rates has no chart: nothing listens where its repository should be.

# feature-flags: unsigned, and the policy says `mode: none`.
team=platform
write_chart feature-flags 0.2.0 0.2.0 'Switches for features under development'
pack labs feature-flags

# load-test: signed, though no policy covers the repository.
write_chart load-test 1.3.0 0.55.0 'Plays recorded traffic against a staging environment'
pack incubator load-test release

# dashboards: nothing is wrong with the chart; its project's policy has a typing error.
team=analytics
write_chart dashboards 1.5.1 12.3.0 'Sales dashboards'
pack analytics dashboards release

for repository in charts/*; do
  helm repo index "$repository"
done
# invoicing: the digest of another chart, ledger 1.1.0's.
digest() { sha256sum "$1" | cut -d' ' -f1; }
sed -i "s/$(digest charts/finance/invoicing-2.7.0.tgz)/$(digest charts/finance/ledger-1.1.0.tgz)/" charts/finance/index.yaml

# ------------------------------------------------------------------------------------ key ring and policies

ring=(release security platform release-2023 release-2025)
{
  echo '# Made by make-fixtures.sh.'
  cat <<'EOF'
apiVersion: v1
kind: ConfigMap
metadata:
  name: argocd-gpg-keys-cm
  namespace: argocd
  labels:
    app.kubernetes.io/name: argocd-gpg-keys-cm
    app.kubernetes.io/part-of: argocd
data:
EOF
  for name in "${ring[@]}"; do
    gpg --with-colons --list-keys "${fingerprint[$name]}" | awk -F: '$1 == "uid" { print "  # " $10; exit }'
    echo "  \"$(key_id "$name")\": |"
    gpg --armor --export "${fingerprint[$name]}" | sed '/./s/^/    /'
  done
} > cluster/argocd-gpg-keys-cm.yaml

lower_id() { key_id "$1" | tr '[:upper:]' '[:lower:]'; }
cat > cluster/argocd-source-integrity-cm.yaml <<EOF
# Made by make-fixtures.sh.
apiVersion: v1
kind: ConfigMap
metadata:
  name: argocd-source-integrity-cm
  namespace: argocd
  labels:
    app.kubernetes.io/name: argocd-source-integrity-cm
    app.kubernetes.io/part-of: argocd
data:
  enforcement: enforce

  all-projects: |
    unmatched: allow
    helm:
      policies:
        # Charts from elsewhere are countersigned by the security team.
        - repos:
            - url: "http://127.0.0.1:8879/mirror"
          gpg:
            mode: provenance
            keys: ["$(key_id security)"]

  project.storefront: |
    helm:
      policies:
        - repos:
            - url: "http://127.0.0.1:8879/storefront"
          gpg:
            mode: provenance
            keys: ["${fingerprint[release]}"]

  project.platform: |
    helm:
      policies:
        # The primary key; a subkey of it signs.
        - repos:
            - url: "http://127.0.0.1:8879/platform/*"
          charts: ["edge-*"]
          gpg:
            mode: provenance
            keys: ["${fingerprint[platform]}"]
        # Older charts carry the keys of their year.
        - repos:
            - url: "http://127.0.0.1:8879/platform/*"
          gpg:
            mode: provenance
            keys:
              - "${fingerprint[release]}"
              - "0x$(lower_id release-2025)"
              - "$(key_id release-2023)"

  project.finance: |
    helm:
      policies:
        - repos:
            - url: "http://127.0.0.1:8879/finance"
            - url: "http://127.0.0.1:8879/private"
            - url: "http://127.0.0.1:9/gone"
          gpg:
            mode: provenance
            keys: ["0x$(lower_id release)"]

  project.sandbox: |
    helm:
      policies:
        # Experiments of the platform team.
        - repos:
            - url: "http://127.0.0.1:8879/labs"
          gpg:
            mode: none

  project.edge: |
    helm:
      policies:
        - repos:
            - url: "oci://localhost:5001/mirror/*"
          gpg:
            mode: provenance
            keys: ["$(key_id security)"]
    oci:
      policies:
        # Signed by the release workflow itself, without a key.
        - repos:
            - url: "oci://localhost:5001/edge/telemetry"
            - url: "oci://localhost:5001/edge/certificates"
          cosign:
            mode: signature
            identities:
              - issuer: "http://127.0.0.1:5556"
                subject: "https://github.com/acme/edge/.github/workflows/release.yaml@refs/heads/main"
            trustRoot: acme
            # Acme's own Sigstore has a transparency log, but none for certificates.
            certificateTransparency: optional
        - repos:
            - url: "oci://localhost:5001/edge/*"
          cosign:
            mode: signature
            keys: ["edge-release"]
            transparencyLog: optional

  project.analytics: |
    helm:
      policies:
        - repos:
            - url: "http://127.0.0.1:8879/analytics"
          gpg:
            mode: provenence
            keys: ["${fingerprint[release]}"]
EOF

# ---------------------------------------------------------------------------------------------- self-check
# What `helm verify` says of each chart, and whether the index agrees with its bytes.

for name in "${ring[@]}"; do gpg --export "${fingerprint[$name]}"; done > "$work/ring.gpg"

declare -A expected=(
  [storefront/checkout-2.3.1.tgz]='sha256 sum does not match'
  [storefront/catalog-1.8.0.tgz]='invalid signature'
  [storefront/cart-3.0.4.tgz]='signature made by unknown entity'
  [storefront/notifications-0.4.2.tgz]='no such file'
  [platform/cert-rotator-1.6.3.tgz]='key expired'
  [platform/backup-2.0.1.tgz]='signature made by revoked key'
  [platform/log-collector-3.3.0.tgz]='no such file'
  [platform/node-tuning-1.1.5.tgz]='signature block not found'
  [finance/ledger-1.1.0.tgz]='does not contain a SHA for a file named'
  [labs/feature-flags-0.2.0.tgz]='no such file'
)
wrong=0 seen=0
printf '\n%-44s %-10s %-10s %s\n' CHART INDEX 'AS WANTED' 'HELM VERIFY'
for file in charts/*/*.tgz; do
  chart=${file#charts/}
  want=${expected[$chart]:-Signed by:}
  if [ -n "${expected[$chart]:-}" ]; then seen=$((seen + 1)); want_status=1; else want_status=0; fi
  status=0
  said=$(helm verify --keyring "$work/ring.gpg" "$file" 2>&1) || status=1
  index=differs
  if grep -q "digest: $(digest "$file")$" "${file%/*}/index.yaml"; then index=agrees; fi
  want_index=agrees
  if [ "$chart" = finance/invoicing-2.7.0.tgz ]; then want_index=differs; fi
  right=yes
  if [ $status != $want_status ] || [[ $said != *"$want"* ]] || [ $index != $want_index ]; then right=NO wrong=1; fi
  helm template demo "$file" > /dev/null || { right='NO: render'; wrong=1; }
  said=${said//$'\n'/; }
  printf '%-44s %-10s %-10s %.120s\n' "$chart" "$index" "$right" "${said//charts\//}"
done
if [ $seen != ${#expected[@]} ]; then echo 'A chart that should fail is missing.' >&2; wrong=1; fi
exit $wrong
