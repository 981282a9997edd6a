"""deploy/seccomp.json says what it is meant to say; that everything works under it is proved in integration/container."""

import json
from pathlib import Path

PROFILE = json.loads((Path(__file__).parents[2] / "deploy" / "seccomp.json").read_text())
_DANGEROUS = """
    mount umount umount2 pivot_root move_mount open_tree fsopen fsconfig fsmount fspick mount_setattr setns
    ptrace process_vm_readv process_vm_writev process_madvise pidfd_getfd kcmp
    bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register
    add_key keyctl request_key init_module finit_module delete_module kexec_load kexec_file_load reboot
    open_by_handle_at name_to_handle_at fanotify_init mknod mknodat swapon swapoff acct quotactl syslog
    settimeofday clock_settime clock_adjtime adjtimex sethostname setdomainname iopl ioperm modify_ldt personality
"""


def rules(action: str) -> dict[str, list[list[dict[str, object]]]]:
    """System call -> the comparisons of each rule that names it."""
    found: dict[str, list[list[dict[str, object]]]] = {}
    for rule in PROFILE["syscalls"]:
        if rule["action"] == action:
            for name in rule["names"]:
                found.setdefault(name, []).append(rule.get("args", []))
    return found


def test_what_is_not_named_is_not_there() -> None:
    assert (PROFILE["defaultAction"], PROFILE["defaultErrnoRet"]) == ("SCMP_ACT_ERRNO", 38)


def test_what_is_dangerous_is_refused_by_name() -> None:
    refused = rules("SCMP_ACT_ERRNO")
    assert set(_DANGEROUS.split()) <= refused.keys()
    assert not refused.keys() & rules("SCMP_ACT_ALLOW").keys()


def test_every_rule_says_why_and_nothing_is_named_twice() -> None:
    names = [name for rule in PROFILE["syscalls"] for name in rule["names"] if not rule.get("args")]
    assert len(names) == len(set(names))
    assert all(rule["comment"].endswith(".") or rule["comment"].endswith(")") for rule in PROFILE["syscalls"])


def test_namespaces_are_made_for_users_processes_and_networks_alone() -> None:
    allowed = rules("SCMP_ACT_ALLOW")
    [[clone]] = allowed["clone"]
    mounts_cgroups_names_and_queues = 0x0002_0000 | 0x0200_0000 | 0x0400_0000 | 0x0800_0000
    assert clone == {
        "index": 0,
        "value": mounts_cgroups_names_and_queues,
        "valueTwo": 0,
        "op": "SCMP_CMP_MASKED_EQ",
    }
    [[unshare]] = allowed["unshare"]
    assert unshare == {"index": 0, "value": 0x1000_0000, "valueTwo": 0, "op": "SCMP_CMP_EQ"}
    # Its flags lie in memory, where no filter sees them: the C library falls back to clone.
    assert "clone3" not in allowed


def test_words_of_other_machines_are_no_way_around() -> None:
    assert [entry["subArchitectures"] for entry in PROFILE["archMap"]] == [[], []]
