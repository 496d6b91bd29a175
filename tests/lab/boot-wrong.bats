#!/usr/bin/env bats
# Inside the VM with systemd (vmrun -S -p boot-prepare): the policy asks for what cannot be had.

bats_require_minimum_version 1.5.0

@test "boot does not hang; units have failed and say why; the network is there" {
	systemd-analyze | sed 's/^/# /' >&3
	[ "$(systemctl is-active multi-user.target network.target systemd-networkd.service | xargs)" = 'active active active' ]
	[ "$(systemctl list-units --failed --plain --no-legend | cut -d' ' -f1 | xargs)" = \
		'sriovctl-policy.service sriovctl-policy@0000:21:00.0.service' ]
	# not because of a time limit
	[ "$(systemctl show -P Result sriovctl-policy.service)" = exit-code ]
	journalctl -b -u sriovctl-policy.service -o cat | tee /dev/stderr | grep -q 'boot-wrong.yaml:5:'
	journalctl -b -u sriovctl-policy.service -o cat | grep -q 'enp77s0'
}
