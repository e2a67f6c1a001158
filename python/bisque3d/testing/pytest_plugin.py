"""The test kit's pytest plugin: the marker `cuda`, whose tests are skipped without a CUDA device, and the reports of softgpu: a
test during which softgpu reported a bad access, a race or an uninitialised read fails, with the report in its output."""

import ctypes
import sys

import pytest
import torch

_NAME = "bisque3d"


def join(config):
    """Adds this plugin to a run of pytest, once."""
    if not config.pluginmanager.has_plugin(_NAME):
        config.pluginmanager.register(sys.modules[__name__], _NAME)


def join_running():
    """Adds this plugin to the run that imports a test file now. pytest has no public way to find that run; without this one, OpTests joins
    later, when its tests are collected."""
    config = getattr(pytest.mark, "_config", None)
    if config is not None:
        join(config)


def take_reports() -> str:
    """The reports of softgpu since the last call, one per line; empty if there are none, and on a GPU."""
    try:
        take = ctypes.CDLL(None).softgpu_take_reports
    except AttributeError:  # not on softgpu
        return ""
    take.restype = ctypes.c_char_p
    return take().decode(errors="replace")


def pytest_configure(config):
    config.addinivalue_line("markers", "cuda: runs on a CUDA device, which may be softgpu")


def _fail_on_reports(item, phase):
    try:
        result = yield
    except BaseException as error:
        reports = take_reports()
        if reports and not isinstance(error, pytest.skip.Exception):
            item.add_report_section(phase, "softgpu", reports)
        elif reports:
            pytest.fail(f"softgpu reported, in a test that was skipped then:\n{reports}", pytrace=False)
        raise
    if reports := take_reports():
        pytest.fail(f"softgpu reported:\n{reports}", pytrace=False)
    return result


@pytest.hookimpl(specname="pytest_runtest_setup")  # pytest requires the prefix anyway
def pytest_skip_without_cuda(item):
    if item.get_closest_marker("cuda") and not torch.cuda.is_available():
        pytest.skip("no CUDA device is available; on a machine without a GPU, run pytest on softgpu: bisque softgpu python -m pytest")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    return (yield from _fail_on_reports(item, "setup"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    return (yield from _fail_on_reports(item, "call"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item):
    return (yield from _fail_on_reports(item, "teardown"))
