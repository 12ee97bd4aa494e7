#!/bin/sh
# Makes the certificates of the fetch tests; needs openssl. Their keys guard nothing.
set -eu
cd "$(dirname "$0")"

authority() { # name, common name
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj "/CN=$2" \
    -keyout "$1.key" -out "$1.pem" 2>/dev/null
}

leaf() { # name, authority, common name, extension, validity options
  name=$1 authority=$2 common=$3 extension=$4
  shift 4
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$common" -keyout "$name.key" -out "$name.csr" 2>/dev/null
  printf '%s\n' "$extension" > "$name.ext"
  openssl x509 -req -in "$name.csr" -CA "$authority.pem" -CAkey "$authority.key" -set_serial "0x$(openssl rand -hex 8)" \
    -extfile "$name.ext" -out "$name.pem" "$@" 2>/dev/null
  rm "$name.csr" "$name.ext"
}

authority authority "Test authority"
authority other-authority "Another test authority"
# Its own authority, under the name that every machine has for itself.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj "/CN=localhost" \
  -addext "subjectAltName=DNS:localhost" -keyout localhost.key -out localhost.pem 2>/dev/null
leaf server authority "charts.example.test" "subjectAltName=DNS:charts.example.test,DNS:files.example.test" -days 36500
leaf expired authority "charts.example.test" "subjectAltName=DNS:charts.example.test" -days -1
leaf client authority "source-integrity" "extendedKeyUsage=clientAuth" -days 36500
rm other-authority.key authority.key
