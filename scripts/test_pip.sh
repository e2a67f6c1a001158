#!/bin/sh
# test_pip.sh [BUILD]: installs the tree by pip's front end (scikit-build-core) into a folder outside the tree, and runs a C++ Module from there.
# It builds everything, in BUILD (build-pip).
set -eu
cd "$(dirname "$0")/.."
build=$PWD/${1:-build-pip}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
.tools/uv/bin/uv pip install -q --python .venv/bin/python --no-build-isolation --no-deps --no-cache --target "$work/site" -C build-dir="$build" .
cd "$work"
PYTHONPATH=$work/site "$OLDPWD/.venv/bin/python" - <<'END'
import bisque3d.cpp, torch

assert bisque3d.__file__.startswith(__import__("os").getcwd()), bisque3d.__file__
conv = bisque3d.cpp.modules.make("ops3d.GraphConv", input_dim=3, output_dim=2)
before = conv.w0.weight.detach().clone()
optimizer = torch.optim.SGD(conv.parameters(), lr=0.1)
conv(torch.rand(4, 3), torch.tensor([[0, 1], [1, 2]])).sum().backward()
optimizer.step()
assert not torch.equal(conv.w0.weight, before)
paths = [str(plugin.path) for plugin in bisque3d.cpp.plugins()]
assert len(set(paths)) == len(paths) >= 4 and all(path.startswith(__import__("os").getcwd()) for path in paths), paths
print(repr(conv))
END
echo "1 passed, 0 failed, 0 skipped"
