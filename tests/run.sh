#!/bin/sh
# tests/run.sh LOG FILE...: from the top folder, run test files, two at a time; run one or two that fail once more, alone.
#
# A fault that is always there fails both times. What fails beside other tests and passes alone is a race, in the test or in the program:
# it is appended to LOG, which `make test` prints at its end, and is to be looked into like any other fault.
set -eu
log=$1
shift
failed=$(mktemp)
trap 'rm -f "$failed"' EXIT
reporter="--test-reporter=tap --test-reporter-destination=stdout"

# shellcheck disable=SC2086 # options are words
if node --test --test-concurrency=2 --test-timeout=600000 $reporter \
	--test-reporter=./tests/support/failed.mjs --test-reporter-destination="$failed" "$@"; then
	exit 0
fi
n=$(wc -l <"$failed")
[ "$n" -ge 1 ] && [ "$n" -le 2 ] || exit 1
echo "# failed beside other tests, once more alone: $(xargs <"$failed")"
# shellcheck disable=SC2046,SC2086 # names of test files have no blanks
node --test --test-concurrency=1 --test-timeout=600000 $reporter $(cat "$failed")
sed 's/^/unsteady (failed beside other tests, passed alone): /' "$failed" >>"$log"
