#!/bin/sh
# A password for each role of compose.yaml, and the address that goes with it. Makes what is missing and changes nothing.
set -eu
folder="$(dirname "$0")/secrets"
mkdir -p "$folder"
# The folder keeps other people of this host out; in a container, a process of another number reads its own file.
chmod 700 "$folder"

make() {
    [ -s "$folder/$1" ] || od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$folder/$1"
    chmod 444 "$folder/$1"
}

address() {
    printf '%s' "$2$(cat "$folder/$1")$3" >"$folder/$1-url"
    chmod 444 "$folder/$1-url"
}

for name in database-owner database-web database-worker database-upkeep keystore valkey; do
    make "$name"
done
chmod 644 "$folder"/*-url 2>/dev/null || true
address database-owner postgres://wellbeing: @database/wellbeing
for role in web worker upkeep; do
    address "database-$role" "postgres://wellbeing_$role:" @database/wellbeing
done
address keystore postgres://keystore: @keystore/keystore
address valkey redis://: @valkey:6379
