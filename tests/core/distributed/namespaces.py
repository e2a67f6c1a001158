"""Two network namespaces of this machine, joined by a link: two machines for the ranks of a test. Needs root and iproute2."""

import os
import shutil
import subprocess

import pytest

IP = shutil.which("ip") or shutil.which("ip", path="/usr/sbin:/sbin")


def ip(*words):
    subprocess.run([IP, *words], check=True, capture_output=True, text=True)


class TwoMachines:
    ADDRESSES = ("10.231.7.1", "10.231.7.2")

    def __init__(self):
        self.names = [f"bisque-{os.getpid()}-{side}" for side in "ab"]
        self.interfaces = ["bsq0", "bsq1"]

    def make(self):
        for name in self.names:
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        ip("-n", self.names[0], "link", "add", self.interfaces[0], "type", "veth", "peer", "name", self.interfaces[1], "netns", self.names[1])
        for name, interface, address in zip(self.names, self.interfaces, self.ADDRESSES):
            ip("-n", name, "address", "add", f"{address}/24", "dev", interface)
            ip("-n", name, "link", "set", interface, "up")

    def remove(self):
        for name in self.names:
            subprocess.run([IP, "netns", "delete", name], capture_output=True)

    def on(self, machine) -> list[str]:
        """The prefix of a command that runs on this machine."""
        return [IP, "netns", "exec", self.names[machine]]

    def add_default_route(self, machine):
        ip("-n", self.names[machine], "route", "add", "default", "via", self.ADDRESSES[1 - machine])

    def cut(self):
        """Packets vanish from now on: each side sends them to a wrong hardware address."""
        for name, interface, other in zip(self.names, self.interfaces, reversed(self.ADDRESSES)):
            ip("-n", name, "neighbor", "replace", other, "lladdr", "02:00:00:00:00:09", "dev", interface, "nud", "permanent")


@pytest.fixture
def two_machines():
    if not IP or os.geteuid() != 0:
        pytest.skip("network namespaces need root and iproute2")
    machines = TwoMachines()
    try:
        try:
            machines.make()
        except subprocess.CalledProcessError as error:
            pytest.skip(f"this system makes no network namespaces ({error.stderr.strip()})")
        yield machines
    finally:
        machines.remove()
