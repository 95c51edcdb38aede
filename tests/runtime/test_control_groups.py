from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurie.runtime.control_groups import control_groups


@pytest.mark.parametrize(
    ("text", "controller", "folders"),
    [
        ("0::/\n", "memory", ["/sys/fs/cgroup"]),
        (
            "0::/user.slice/app.scope\n",
            "memory",
            ["/sys/fs/cgroup/user.slice/app.scope", "/sys/fs/cgroup/user.slice", "/sys/fs/cgroup"],
        ),
        (
            "5:cpu,cpuacct:/docker/1f\n4:memory:/docker/1f\n1:name=systemd:/init\n",
            "memory",
            [
                "/sys/fs/cgroup/memory/docker/1f",
                "/sys/fs/cgroup/memory/docker",
                "/sys/fs/cgroup/memory",
            ],
        ),
        ("5:cpu,cpuacct:/\n4:cpuset:/a\n", "cpu", ["/sys/fs/cgroup/cpu"]),
        ("0::/../../etc\n", "cpu", ["/sys/fs/cgroup/etc", "/sys/fs/cgroup"]),
        ("", "memory", []),
    ],
)
def test_limits_are_sought_in_every_group_that_holds_the_process(text, controller, folders):
    assert control_groups(text, controller) == [Path(folder) for folder in folders]


@given(st.text())
def test_any_groups_are_taken(text):
    control_groups(text, "memory")
