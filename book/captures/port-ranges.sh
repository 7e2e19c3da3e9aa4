#!/usr/bin/env bash
# The two numbers that decide about ports on this machine.
set -euo pipefail
for name in net.ipv4.ip_local_port_range net.ipv4.ip_unprivileged_port_start; do
    printf '$ cat /proc/sys/%s\n' "${name//.//}"
    cat "/proc/sys/${name//.//}"
done
