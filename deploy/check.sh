#!/usr/bin/env bash
# Check every file of deploy/ with its own tool: deploy/check.sh FOLDER, where FOLDER has the tools (make check-deploy makes it).
# Goes on after a failure, so that one call shows all; exits with 1 if any check failed. Asks nothing of the network.
set -uo pipefail

tools=$(realpath "${1:?usage: deploy/check.sh FOLDER, where make check-deploy installed the tools}")
cd "$(dirname "$0")" || exit 2
failed=0

check() {
    local start=$SECONDS
    local output
    if output=$("${@:2}" 2>&1); then
        printf 'ok      %-16s %3d s\n' "$1" $((SECONDS - start))
    else
        printf 'FAILED  %-16s %3d s\n%s\n' "$1" $((SECONDS - start)) "$output"
        failed=1
    fi
}

check hadolint "$tools/bin/hadolint" Dockerfile
check shellcheck "$tools/bin/shellcheck" check.sh
check compose-schema "$tools/bin/check-jsonschema" --builtin-schema vendor.compose-spec docker-compose.yml
check cfn-lint "$tools/bin/cfn-lint" stack.yaml
check checkov "$tools/bin/checkov" --directory . --framework cloudformation dockerfile secrets --skip-download --quiet --compact
check npm-groovy-lint "$tools/node_modules/.bin/npm-groovy-lint" --noserver --config . --failon info Jenkinsfile mapping.Jenkinsfile
exit "$failed"
