# A registry and a private Sigstore on loopback, for the scripts that make fixtures. To be sourced, with
#   work    a folder of their own, for keys, logs and settings
#   first   the first of twenty free ports; registry_port, where the registry is to listen at another one
# It defines `registry` and functions; how the tools are had stands in make-oci-fixtures.sh. The secret halves of all
# keys are gone when the script ends.
# shellcheck shell=bash

oci_fixtures=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
registry_port=${registry_port:-$first}
registry=localhost:$registry_port
issuer=http://127.0.0.1:$((first + 1))
fulcio=http://127.0.0.1:$((first + 2))
tsa=http://127.0.0.1:$((first + 3))
rekor=http://127.0.0.1:$((first + 4))
mock=http://127.0.0.1:$((first + 5))

started=()
finish() {
  if [ $? != 0 ]; then echo 'Failed. What was said last:' >&2; tail -n 5 "$work"/*.log >&2; fi
  if [ ${#started[@]} != 0 ]; then kill "${started[@]}" 2> /dev/null || true; fi
  rm -rf "$work"
}

# start NAME URL COMMAND…: in the background, and waits until something answers at the URL
start() {
  local name=$1 url=$2
  shift 2
  "$@" > "$work/$name.log" 2>&1 &
  started+=($!)
  for _ in $(seq 100); do
    if curl --silent --output /dev/null "$url"; then return; fi
    sleep 0.1
  done
  echo "$name does not answer at $url" >&2
  return 1
}

# need_tools: of the versions that the fixtures are to be of
need_tools() {
  case $(cosign version 2>&1 | awk '$1 == "GitVersion:" { print $2 }') in
    v3.1.*) ;;
    *) echo 'cosign 3.1.3 is needed' >&2; return 1 ;;
  esac
  case $(helm version --template '{{.Version}}') in
    v4.3*) ;;
    *) echo "helm 4.3.1 is needed, found: $(helm version --short)" >&2; return 1 ;;
  esac
}

# start_registry: empty; bundles are found by the fall-back tag
start_registry() {
  start registry "http://$registry/v2/" crane registry serve --address "127.0.0.1:$registry_port"
}

# start_sigstore [mocks]: issuer, Fulcio, timestamp authority and Rekor v2; with mocks, also a Rekor v1 and an authority
# whose certificates are logged. Leaves for each authority $work/fulcio and $work/mock, with trusted_root.json and
# signing_config.json.
start_sigstore() {
  local rekor_v1=()
  start issuer "$issuer/keys" node "$oci_fixtures/issuer.ts" $((first + 1))
  cat > "$work/fulcio.yaml" <<EOT
oidc-issuers:
  $issuer:
    issuer-url: $issuer
    client-id: sigstore
    type: github-workflow
EOT
  start fulcio "$fulcio/api/v2/trustBundle" fulcio serve --ca ephemeralca --config-path "$work/fulcio.yaml" \
    --ct-log-url '' --host 127.0.0.1 --port $((first + 2)) --grpc-host 127.0.0.1 --grpc-port $((first + 12)) \
    --metrics-port $((first + 13))
  start timestamps "$tsa/api/v1/timestamp/certchain" timestamp-server serve --host 127.0.0.1 --port $((first + 3)) \
    --timestamp-signer memory --disable-ntp-monitoring
  openssl genpkey -algorithm ed25519 -out "$work/rekor.pem" 2> /dev/null
  openssl pkey -in "$work/rekor.pem" -pubout -out "$work/rekor.pub"
  mkdir "$work/rekor"
  start rekor "$rekor/healthz" rekor-server-posix serve --hostname 127.0.0.1 --signer-filepath "$work/rekor.pem" \
    --storage-dir "$work/rekor" --checkpoint-interval 1s --http-port $((first + 4)) --grpc-port $((first + 14)) \
    --http-metrics-port $((first + 15))
  node -e 'fetch(process.argv[1]).then((r) => r.json()).then((b) => console.log(b.chains[0].certificates.join("\n")))' \
    "$fulcio/api/v2/trustBundle" > "$work/fulcio.pem"
  curl --silent "$tsa/api/v1/timestamp/certchain" > "$work/tsa.pem"
  if [ "${1:-}" = mocks ]; then
    mkdir "$work/mock"
    start mock "$mock/" node "$oci_fixtures/sigstore-mock.ts" $((first + 5)) "$work/mock"
    rekor_v1=(--rekor "url=$mock,public-key=$work/mock/rekor-v1.pem,start-time=$(since)")
    sigstore_files mock "$mock" "$work/mock/ca.pem" "${rekor_v1[@]}" \
      --ctfe "url=$mock,public-key=$work/mock/ctlog.pem,start-time=$(since)"
  fi
  sigstore_files fulcio "$fulcio" "$work/fulcio.pem" "${rekor_v1[@]}"
}

since() { date -u -d '-1 hour' +%Y-%m-%dT%H:%M:%SZ; }

# sigstore_files NAME URL CHAIN OPTION…: $work/NAME/trusted_root.json and signing_config.json with that authority
sigstore_files() {
  local name=$1 authority=$2 chain=$3
  shift 3
  mkdir -p "$work/$name"
  cosign trusted-root create --no-default-ctfe --no-default-fulcio --no-default-rekor --no-default-tsa "$@" \
    --fulcio "url=$authority,certificate-chain=$chain,start-time=$(since)" \
    --rekor "url=$rekor,public-key=$work/rekor.pub,start-time=$(since),origin=127.0.0.1" \
    --tsa "url=$tsa/api/v1/timestamp,certificate-chain=$work/tsa.pem,start-time=$(since)" \
    --out "$work/$name/trusted_root.json" > "$work/cosign.log" 2>&1
  cosign signing-config create --no-default-fulcio --no-default-oidc --no-default-rekor --no-default-tsa \
    --fulcio "url=$authority,api-version=1,start-time=$(since),operator=acme" \
    --rekor "url=$rekor,api-version=2,start-time=$(since),operator=acme" --rekor-config ANY \
    --tsa "url=$tsa/api/v1/timestamp,api-version=1,start-time=$(since),operator=acme" --tsa-config ANY \
    --out "$work/$name/signing_config.json" > "$work/cosign.log" 2>&1
}
