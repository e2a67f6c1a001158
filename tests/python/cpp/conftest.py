"""bisque3d.cpp of the tested build, with the plugin acme_modules."""

import pytest

from tests.build import BUILD


@pytest.fixture(scope="session")
def cpp():
    if not (BUILD / "lib/bisque3d_cpp.so").exists():
        pytest.skip("this build has no bisque3d.cpp, since its Python has no headers")
    import bisque3d.cpp

    if "acme_modules" not in {plugin.name for plugin in bisque3d.cpp.plugins()}:
        bisque3d.cpp.load_library(BUILD / "tests/plugins/libacme_modules.so")
    return bisque3d.cpp


@pytest.fixture
def net(cpp):
    return cpp.modules.make("acme.Net", inputs=3, outputs=4)
