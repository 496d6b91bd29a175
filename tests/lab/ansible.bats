#!/usr/bin/env bats
# Inside the VM: the example playbook of contrib/ansible, and a task of one line, on real hardware.

bats_require_minimum_version 1.5.0
setup_file() { export BATS_TEST_TIMEOUT=300; }

setup() {
	command -v ansible-playbook >/dev/null || skip 'no ansible-playbook'
	load helper
	load policy
	load_libraries
	clean_slate
	rm -rf /run/policy /etc/sriovctl
	mkdir /run/policy
	export ANSIBLE_FORCE_COLOR=0 ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=0
}

# play WHAT-CAME-OF-IT OPTIONS...: "ok" or "changed"
play() {
	run ansible-playbook -i localhost, -c local -e ansible_python_interpreter=/usr/bin/python3 "${@:2}"
	assert_success
	assert_output --regexp "VFs as the policy says\] \**"$'\n'"$1: "
}

@test "the playbook: changed in check mode, which changes nothing; changed; then ok in both" {
	both_pfs >/run/policy/p.yaml
	playbook=(-e sriov_policy=/run/policy/p.yaml contrib/ansible/sriov.yml)
	facts >/run/before
	play changed --check "${playbook[@]}"
	diff /run/before <(facts)
	[ ! -e /etc/sriovctl ]
	play changed "${playbook[@]}"
	diff <(both_facts) <(facts)
	play ok "${playbook[@]}"
	play ok --check "${playbook[@]}"
}

@test "a plain task with changed_when" {
	cat >/run/play.yaml <<-'END'
		- hosts: all
		  gather_facts: false
		  tasks:
		  - name: VFs as the policy says
		    command: sriovctl --json policy apply /run/policy/p.yaml
		    register: r
		    changed_when: (r.stdout | from_json).changed
	END
	policy p <<<$'pfs:\n- pf: eth1\n  vfs: 1\n  vf: {all: {vlan: 5}}'
	play changed /run/play.yaml
	[ "$(ip_vf eth1 0 'vlan_list[0].vlan')" -eq 5 ]
	play ok /run/play.yaml
}
